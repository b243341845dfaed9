// lib/pq at its usual work: with arguments, Parse and Describe end in a Sync of their own.
package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
)

const rounds = 20

func codeOf(err error) string {
	var problem *pq.Error
	if !errors.As(err, &problem) {
		return fmt.Sprint("not PostgreSQL's: ", err)
	}
	return string(problem.Code)
}

func statements(db *sql.Conn, n int) {
	ctx := context.Background()
	sum, err := db.PrepareContext(ctx, fmt.Sprintf("SELECT $1::int + %d", n)) // "1" in every client.
	must(err)
	meet()
	for i := 0; i < rounds; i++ {
		var got int
		must(sum.QueryRow(i).Scan(&got))
		check(got, i+n)
		var text string
		must(db.QueryRowContext(ctx, "SELECT $1::text || $2::text", i, n).Scan(&text))
		check(text, fmt.Sprintf("%d%d", i, n))
	}
	must(sum.Close())
	var a int64
	var b string
	var c []byte
	var d sql.NullInt64
	var e bool
	var f pq.Int64Array
	blob := []byte{0, byte(n), 255}
	must(db.QueryRowContext(ctx, "SELECT $1::int8, $2::text, $3::bytea, $4::int, $5::bool, $6::int[]",
		7*n, "nä'me ☃", blob, nil, true, pq.Array([]int{n, n + 1})).Scan(&a, &b, &c, &d, &e, &f))
	check(fmt.Sprint(a, b, c, d.Valid, e, f), fmt.Sprint(7*n, "nä'me ☃", blob, false, true, []int{n, n + 1}))
}

func transactions(db *sql.Conn, n int) {
	ctx := context.Background()
	count := func() (got int) {
		must(db.QueryRowContext(ctx, "SELECT count(*) FROM lib_pq WHERE owner = $1", n).Scan(&got))
		return
	}
	tx, err := db.BeginTx(ctx, nil)
	must(err)
	copied, err := tx.Prepare(pq.CopyIn("lib_pq", "owner", "name"))
	must(err)
	for i := 0; i < 500; i++ {
		_, err = copied.Exec(n, fmt.Sprint("c", i))
		must(err)
	}
	_, err = copied.Exec()
	must(err)
	must(copied.Close())
	must(tx.Commit())
	tx, err = db.BeginTx(ctx, nil)
	must(err)
	_, err = tx.Exec("DELETE FROM lib_pq WHERE owner = $1", n)
	must(err)
	_, err = tx.Exec("SELECT 1/$1::int", 0)
	check(codeOf(err), "22012")
	_, err = tx.Exec("SELECT $1::int", 1)
	check(codeOf(err), "25P02")
	must(tx.Rollback())
	check(count(), 500)
	rows, err := db.QueryContext(ctx, "SELECT i + $1::int FROM generate_series(1, 1000) i", n)
	must(err)
	total := 0
	for rows.Next() {
		var i int
		must(rows.Scan(&i))
		total += i
	}
	must(rows.Err())
	check(total, 500500+1000*n)
}

func work(n int) {
	ctx := context.Background()
	for again := 0; again < 2; again++ {
		pool, err := sql.Open("postgres", "host="+os.Getenv("PGHOST")+" sslmode=disable")
		must(err)
		db, err := pool.Conn(ctx)
		must(err)
		_, err = db.ExecContext(ctx, "DELETE FROM lib_pq WHERE owner = $1", n)
		must(err)
		statements(db, n)
		transactions(db, n)
		short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		_, err = db.ExecContext(short, "SELECT pg_sleep($1)", 60)
		cancel()
		// The driver says ErrBadConn when the time ends between its two Syncs.
		ended := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, driver.ErrBadConn)
		check(ended || codeOf(err) == "57014", true)
		must(pool.Close())
	}
}

func main() {
	db, err := sql.Open("postgres", "host="+os.Getenv("PGHOST")+" sslmode=disable")
	must(err)
	_, err = db.Exec("DROP TABLE IF EXISTS lib_pq; CREATE TABLE lib_pq (owner int, name text)")
	must(err)
	must(db.Close())
	run(work)
	fmt.Println(atomic.LoadInt64(&checks), "checks\nall well")
}
