package qenex

// What the library calls: the functions of Options, and the progress of a backup. A panic in one of them stays here: it
// must not run through the library's frames.

// #include <stdint.h>
// #include <stddef.h>
import "C"

import (
	"math"
	"runtime/cgo"
	"sync/atomic"
	"time"
	"unsafe"
)

// LogMessage is a message of the engine. It never holds names, numbers or amounts of customers.
type LogMessage struct {
	Level  LogLevel
	Target string
	Text   string
}

// liveCallbacks counts the functions that the library holds: each is given back exactly once.
var liveCallbacks atomic.Int64

func handleOf(function any) C.uintptr_t {
	liveCallbacks.Add(1)
	return C.uintptr_t(cgo.NewHandle(function))
}

//export qenexGoDestroy
func qenexGoDestroy(handle C.uintptr_t) {
	cgo.Handle(handle).Delete()
	liveCallbacks.Add(-1)
}

//export qenexGoLog
func qenexGoLog(handle C.uintptr_t, level C.uint32_t, target *C.char, targetLen C.size_t, text *C.char, textLen C.size_t) {
	defer func() { _ = recover() }() // documented at Options.Log: a log function that panics loses its message
	cgo.Handle(handle).Value().(func(LogMessage))(LogMessage{
		Level:  LogLevel(level),
		Target: string(unsafe.Slice((*byte)(unsafe.Pointer(target)), int(targetLen))),
		Text:   string(unsafe.Slice((*byte)(unsafe.Pointer(text)), int(textLen))),
	})
}

//export qenexGoClock
func qenexGoClock(handle C.uintptr_t) (now C.int64_t) {
	now = math.MinInt64 // what a clock that panics tells: earlier than any, so that time stands still
	defer func() { _ = recover() }()
	return C.int64_t(micros(cgo.Handle(handle).Value().(func() time.Time)()))
}

// progress is a function with the panic that ended it, which Backup hands on to its caller.
type progress struct {
	tell     func(done, total uint64) error
	stopped  error
	panicked any
}

//export qenexGoProgress
func qenexGoProgress(handle C.uintptr_t, done, total C.uint64_t) (stop C.int32_t) {
	told := cgo.Handle(handle).Value().(*progress)
	stop = 1
	defer func() {
		if reason := recover(); reason != nil {
			told.panicked = reason
		}
	}()
	if told.stopped = told.tell(uint64(done), uint64(total)); told.stopped != nil {
		return 1
	}
	return 0
}
