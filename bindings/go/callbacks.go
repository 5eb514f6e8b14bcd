package qenex

// What the library calls: the functions of Options, the progress of a backup, what is told of a completed batch. A panic
// in one of them stays here: it must not run through the library's frames.

// #include <stdint.h>
// #include <stddef.h>
import "C"

import (
	"fmt"
	"math"
	"runtime/cgo"
	"sync"
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

// PanicError is that a function which was given to an engine panicked. Engine.Close returns the first one, after it has
// closed the engine.
type PanicError struct {
	// Function is which one: "Options.Log", "Options.Clock", "SubmitFunc".
	Function string
	// Value is what it panicked with.
	Value any
}

// Error says which function panicked with what.
func (p *PanicError) Error() string {
	return fmt.Sprintf("qenex: the function given to %s panicked: %v", p.Function, p.Value)
}

// panics keeps the first panic of an engine's callbacks.
type panics struct {
	mutex sync.Mutex
	first *PanicError
}

// catch is deferred by what calls a function of the program's.
func (p *panics) catch(function string) {
	if reason := recover(); reason != nil {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		if p.first == nil {
			p.first = &PanicError{function, reason}
		}
	}
}

// take gives the first panic, once.
func (p *panics) take() error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	first := p.first
	p.first = nil
	if first == nil {
		return nil
	}
	return first
}

// told is a function that the library holds, and where its panics go.
type told[F any] struct {
	function F
	panics   *panics
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
	log := cgo.Handle(handle).Value().(told[func(LogMessage)])
	defer log.panics.catch("Options.Log")
	log.function(LogMessage{Level: LogLevel(level), Target: copied(target, targetLen), Text: copied(text, textLen)})
}

//export qenexGoClock
func qenexGoClock(handle C.uintptr_t) (now C.int64_t) {
	now = math.MinInt64 // what a clock that panics tells: earlier than any, so that time stands still
	clock := cgo.Handle(handle).Value().(told[func() time.Time])
	defer clock.panics.catch("Options.Clock")
	return C.int64_t(micros(clock.function()))
}

//export qenexGoCompleted
func qenexGoCompleted(handle C.uintptr_t, status C.int32_t, results unsafe.Pointer, count C.size_t, message *C.char, messageLen C.size_t) {
	completed := cgo.Handle(handle).Value().(told[func(Completion)])
	defer completed.panics.catch("SubmitFunc")
	completed.function(Completion{
		Status:  Status(status),
		Results: resultsOf(unsafe.Slice((*rawResult)(results), int(count))),
		Message: copied(message, messageLen),
	})
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
	if told.stopped = told.tell(uint64(done), uint64(total)); told.stopped == nil {
		stop = 0
	}
	return stop
}

func copied(text *C.char, length C.size_t) string {
	return string(unsafe.Slice((*byte)(unsafe.Pointer(text)), int(length)))
}

func resultsOf(raws []rawResult) Results {
	var results Results
	if len(raws) > 0 {
		results = make(Results, len(raws))
	}
	for index := range raws {
		raws[index].decode(nil, &results[index])
	}
	return results
}
