// JDBC at its usual work over junixsocket: unnamed statements, named S_1 from the fifth run on.

import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Arrays;
import java.util.Properties;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

public final class JdbcClient {
  private static final int CLIENTS = 8;
  private static final int ROUNDS = 20;
  private static final AtomicInteger checks = new AtomicInteger();
  private static final CyclicBarrier barrier = new CyclicBarrier(CLIENTS);

  private static void check(Object got, Object expected) {
    checks.incrementAndGet();
    if (!java.util.Objects.deepEquals(got, expected)) {
      throw new AssertionError("got " + got + ", expected " + expected);
    }
  }

  private interface Action {
    void run() throws Exception;
  }

  private static void fails(String state, Action action) throws Exception {
    try {
      action.run();
    } catch (SQLException error) {
      check(error.getSQLState(), state);
      return;
    }
    throw new AssertionError("no error " + state);
  }

  private static Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", System.getenv("PGUSER"));
    properties.setProperty("socketFactory", "org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg");
    properties.setProperty("socketFactoryArg", System.getenv("PGHOST") + "/.s.PGSQL.5432");
    properties.setProperty("sslmode", "disable");
    return DriverManager.getConnection("jdbc:postgresql://localhost/" + System.getenv("PGDATABASE"), properties);
  }

  private static int number(Connection db, String sql, int... parameters) throws SQLException {
    try (PreparedStatement statement = db.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setInt(i + 1, parameters[i]);
      }
      ResultSet rows = statement.executeQuery();
      rows.next();
      return rows.getInt(1);
    }
  }

  private static void statements(Connection db, int n) throws Exception {
    try (PreparedStatement sum = db.prepareStatement("SELECT ?::int + " + n)) {
      for (int i = 0; i < ROUNDS; i++) {
        sum.setInt(1, i);
        ResultSet rows = sum.executeQuery();
        rows.next();
        check(rows.getInt(1), i + n);
        if (i == ROUNDS / 2) {
          barrier.await(60, TimeUnit.SECONDS);
        }
      }
    }
    byte[] blob = {0, (byte) n, -1};
    try (PreparedStatement typed = db.prepareStatement(
             "SELECT ?::int8, ?::text, ?::bytea, ?::int, ?::numeric, ?::bool, ?::int[], ?::jsonb")) {
      typed.setLong(1, 7L * n);
      typed.setString(2, "nä'me " + n + " ☃");
      typed.setBytes(3, blob);
      typed.setNull(4, Types.INTEGER);
      typed.setBigDecimal(5, new BigDecimal("1.50"));
      typed.setBoolean(6, true);
      typed.setArray(7, db.createArrayOf("int4", new Integer[] {n, n + 1}));
      typed.setString(8, "{\"n\": " + n + "}");
      ResultSet row = typed.executeQuery();
      row.next();
      check(row.getLong(1), 7L * n);
      check(row.getString(2), "nä'me " + n + " ☃");
      check(row.getBytes(3), blob);
      check(row.getObject(4), null);
      check(row.getBigDecimal(5), new BigDecimal("1.50"));
      check(row.getBoolean(6), true);
      check(row.getArray(7).getArray(), new Integer[] {n, n + 1});
      check(row.getString(8), "{\"n\": " + n + "}");
    }
  }

  private static void transactions(Connection db, int n) throws Exception {
    String count = "SELECT count(*) FROM jdbc WHERE owner = ?";
    db.setAutoCommit(false);
    try (PreparedStatement insert = db.prepareStatement("INSERT INTO jdbc VALUES (?, ?)")) {
      for (int i = 0; i < 200; i++) {
        insert.setInt(1, n);
        insert.setString(2, "m" + i);
        insert.addBatch();
      }
      check(Arrays.stream(insert.executeBatch()).sum(), 200);
    }
    db.commit();
    check(number(db, "WITH gone AS (DELETE FROM jdbc WHERE owner = ? RETURNING 1) SELECT count(*) FROM gone", n), 200);
    db.rollback();
    fails("22012", () -> number(db, "SELECT 1/?::int", 0));
    fails("25P02", () -> number(db, "SELECT ?::int", n));
    db.rollback();
    check(number(db, count, n), 200);
    try (PreparedStatement streaming = db.prepareStatement("SELECT i + ? FROM generate_series(1, 1000) i")) {
      streaming.setFetchSize(50);  // A portal, which lives in its transaction.
      streaming.setInt(1, n);
      int total = 0;
      for (ResultSet rows = streaming.executeQuery(); rows.next();) {
        total += rows.getInt(1);
      }
      check(total, 500500 + 1000 * n);
    }
    db.commit();
    db.setAutoCommit(true);
    CopyManager copy = db.unwrap(PGConnection.class).getCopyAPI();
    check(copy.copyIn("COPY jdbc FROM STDIN", new StringReader((n + "\tc\n").repeat(500))), 500L);
    StringWriter out = new StringWriter();
    check(copy.copyOut("COPY (SELECT 1 FROM jdbc WHERE owner = " + n + ") TO STDOUT", out), 700L);
  }

  private static void notices(Connection db, int n) throws Exception {
    try (Statement statement = db.createStatement()) {
      statement.execute("DO $$ BEGIN RAISE NOTICE 'heard %', " + n + "; END $$");
      check(statement.getWarnings().getMessage(), "heard " + n);
    }
  }

  private static void work(int n) throws Exception {
    for (int again = 0; again < 2; again++) {
      try (Connection db = connect()) {
        try (PreparedStatement remove = db.prepareStatement("DELETE FROM jdbc WHERE owner = ?")) {
          remove.setInt(1, n);
          remove.executeUpdate();
        }
        statements(db, n);
        transactions(db, n);
        notices(db, n);
        try (PreparedStatement slow = db.prepareStatement("SELECT pg_sleep(60)")) {
          slow.setQueryTimeout(1);  // A cancel request over a connection of its own.
          fails("57014", slow::executeQuery);
        }
        check(number(db, "SELECT ?::int", n), n);
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    try (Connection db = connect()) {
      db.createStatement().execute("DROP TABLE IF EXISTS jdbc; CREATE TABLE jdbc (owner int, name text)");
    }
    Thread[] threads = new Thread[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
      int n = i;
      threads[i] = new Thread(() -> {
        try {
          work(n);
        } catch (Throwable error) {
          error.printStackTrace();
          System.exit(1);
        }
      });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    System.out.println(checks + " checks\nall well");
  }
}
