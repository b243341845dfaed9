// pgx at its usual work: each text becomes a named statement (lrupsc_1_0) in its cache by default.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/jackc/pgconn"
	"github.com/jackc/pgx/v4"
)

const rounds = 20

var ctx = context.Background()

func connect(heard *[]string) *pgx.Conn {
	config, err := pgx.ParseConfig("host=" + os.Getenv("PGHOST"))
	must(err)
	config.OnNotice = func(_ *pgconn.PgConn, notice *pgconn.Notice) {
		*heard = append(*heard, notice.Message)
	}
	db, err := pgx.ConnectConfig(ctx, config)
	must(err)
	return db
}

func stateOf(err error) string {
	var problem *pgconn.PgError
	if !errors.As(err, &problem) {
		return fmt.Sprint("not PostgreSQL's: ", err)
	}
	return problem.Code
}

func statements(db *pgx.Conn, n int) {
	for i := 0; i < rounds; i++ {
		var got int
		must(db.QueryRow(ctx, fmt.Sprintf("SELECT $1::int + %d", n), i).Scan(&got))
		check(got, i+n)
		if i == rounds/2 {
			meet()
		}
	}
	var a int64
	var b string
	var c []byte
	var d *int32
	var e bool
	var f []int32
	var g map[string]int
	blob := []byte{0, byte(n), 255}
	must(db.QueryRow(ctx, "SELECT $1::int8, $2::text, $3::bytea, $4::int4, $5::bool, $6::int4[], $7::jsonb",
		7*n, "nä'me ☃", blob, nil, true, []int32{int32(n)}, map[string]int{"n": n}).Scan(&a, &b, &c, &d, &e, &f, &g))
	check(fmt.Sprint(a, b, c, d == nil, e, f, g["n"]), fmt.Sprint(7*n, "nä'me ☃", blob, true, true, []int{n}, n))
	_, err := db.Prepare(ctx, "mine", fmt.Sprintf("SELECT $1::text || '%d'", n))
	must(err)
	meet()
	var text string
	must(db.QueryRow(ctx, "mine", "x").Scan(&text))
	check(text, fmt.Sprint("x", n))
	must(db.Deallocate(ctx, "mine"))
}

func transactions(db *pgx.Conn, n int) {
	count := func() (got int) {
		must(db.QueryRow(ctx, "SELECT count(*) FROM pgx WHERE owner = $1", n).Scan(&got))
		return
	}
	rows := make([][]interface{}, 500)
	for i := range rows {
		rows[i] = []interface{}{int32(n), fmt.Sprint("c", i)}
	}
	_, err := db.CopyFrom(ctx, pgx.Identifier{"pgx"}, []string{"owner", "name"}, pgx.CopyFromRows(rows))
	must(err)
	tx, err := db.Begin(ctx)
	must(err)
	_, err = tx.Exec(ctx, "DELETE FROM pgx WHERE owner = $1", n)
	must(err)
	_, err = tx.Exec(ctx, "SELECT 1/$1::int", 0)
	check(stateOf(err), "22012")
	_, err = tx.Exec(ctx, "SELECT $1::int", 1)
	check(stateOf(err), "25P02")
	must(tx.Rollback(ctx))
	check(count(), 500)
	batch := &pgx.Batch{}
	for i := 0; i < rounds; i++ {
		batch.Queue("SELECT $1::int * 2", i*n)
	}
	answers := db.SendBatch(ctx, batch)
	for i := 0; i < rounds; i++ {
		var got int
		must(answers.QueryRow().Scan(&got))
		check(got, i*n*2)
	}
	must(answers.Close())
}

func work(n int) {
	for again := 0; again < 2; again++ {
		var heard []string
		db := connect(&heard)
		_, err := db.Exec(ctx, "DELETE FROM pgx WHERE owner = $1", n)
		must(err)
		statements(db, n)
		transactions(db, n)
		_, err = db.Exec(ctx, fmt.Sprintf("DO $$ BEGIN RAISE NOTICE 'heard %%', %d; END $$", n))
		must(err)
		check(fmt.Sprint(heard), fmt.Sprintf("[heard %d]", n))
		must(db.Close(ctx))
	}
}

func main() {
	var heard []string
	db := connect(&heard)
	_, err := db.Exec(ctx, "DROP TABLE IF EXISTS pgx; CREATE TABLE pgx (owner int, name text)")
	must(err)
	must(db.Close(ctx))
	run(work)
	fmt.Println(atomic.LoadInt64(&checks), "checks\nall well")
}
