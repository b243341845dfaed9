// Eight clients of a driver of Go that work at the same time and meet; not a program by itself.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

const clients = 8

var (
	checks  int64
	arrived int
	lock    sync.Mutex
	all     = make(chan struct{})
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err, "\n", string(debug.Stack()))
		os.Exit(1)
	}
}

func check(got, expected interface{}) {
	atomic.AddInt64(&checks, 1)
	if got != expected {
		must(fmt.Errorf("got %v, expected %v", got, expected))
	}
}

// Waits for all clients of the crew, so that each has prepared its statements, and idles.
func meet() {
	lock.Lock()
	mine := all
	if arrived++; arrived%clients == 0 {
		close(all)
		all = make(chan struct{})
	}
	lock.Unlock()
	<-mine
}

func run(work func(n int)) {
	var group sync.WaitGroup
	for n := 0; n < clients; n++ {
		group.Add(1)
		go func(n int) {
			defer group.Done()
			work(n)
		}(n)
	}
	group.Wait()
}
