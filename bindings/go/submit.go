package qenex

// Submission: batches that are queued and answered later. Futures have one goroutine for all of an engine, which waits
// in the library for whatever is done next; it ends when nothing is outstanding. Collect is the library's own way, for
// programs with a loop of their own. An engine uses one of the two.

// #include "callbacks.h"
import "C"

import (
	"context"
	"errors"
	"math"
	"reflect"
	"runtime"
	"sync"
	"time"
	"unsafe"
)

// Future is the answer to a submitted batch.
type Future struct {
	done    chan struct{}
	results Results
	err     error
}

// Done is closed when the answer is there.
func (f *Future) Done() <-chan struct{} {
	return f.done
}

// Wait waits for the answer, which is that of a blocking call, or for the end of the context; the batch runs all the
// same, and Wait may be called again.
func (f *Future) Wait(ctx context.Context) (Results, error) {
	select {
	case <-f.done:
		return f.results, f.err
	default:
	}
	if err := ended(ctx); err != nil {
		return nil, err
	}
	select {
	case <-f.done:
		return f.results, f.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Submit queues a batch (1 to BatchMax commands, all of one struct type or, as []Command, of different ones) and returns at
// once with the future of its results. Batches run in the order of submission. While the queue is full Submit waits,
// until the context ends.
func Submit[T Command](ctx context.Context, s *Session, commands []T, options *ExecuteOptions) (*Future, error) {
	made, kind, err := whole(ctx, s, commands, options)
	if err != nil {
		return nil, err
	}
	waiting := s.engine.queue
	for {
		if err := ended(ctx); err != nil {
			return nil, err
		}
		future, tag, room, err := waiting.add(s.engine)
		if err != nil {
			return nil, err
		}
		err = submit(s, kind, made, tag)
		if err == nil {
			return future, nil
		}
		waiting.remove(tag)
		if !errors.Is(err, StatusBusy) {
			return nil, err
		}
		select {
		case <-room:
		case <-time.After(busyPause): // what filled the queue may have been answered meanwhile
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

const (
	// busyPause is how long Submit waits at most before it tries a full queue again.
	busyPause = 50 * time.Millisecond
	// collectTimeout is how long the waiter stays in the library at most, in milliseconds.
	collectTimeout = 1000
	collectMax     = 64
)

// Completion is what became of a batch that was given to Post or SubmitFunc.
type Completion struct {
	// Tag as given to Post.
	Tag uint64
	// Status as a blocking call would have had it: StatusOK, StatusSomeRefused, or negative when nothing was applied.
	Status Status
	// Results, one for each command; none when nothing was applied.
	Results Results
	// Message says what went wrong when Status is negative.
	Message string
}

// Err gives the error of a batch of which nothing was applied, else nil.
func (c Completion) Err() error {
	if c.Status >= 0 {
		return nil
	}
	return &Error{Status: c.Status, Message: c.Message, Item: -1}
}

// SubmitFunc queues a batch like Submit, and calls completed with what became of it, after it is durable: in a thread of
// the library's, one completion of an engine at a time. It must not call the engine (StatusReentrant; Close too) and must
// return soon: later batches wait for it; send to a channel, or start a goroutine. A panic in it is what Engine.Close
// returns. Error: StatusBusy, the queue is full; completed is not called then.
func SubmitFunc[T Command](ctx context.Context, s *Session, commands []T, completed func(Completion), options *ExecuteOptions) error {
	if completed == nil {
		return &Error{Status: StatusNullPointer, Item: -1, Message: "completed is nil: give a function, or use Submit"}
	}
	b, kind, err := whole(ctx, s, commands, options)
	if err != nil {
		return err
	}
	handle := handleOf(told[func(Completion)]{completed, s.engine.panics})
	status := C.qenex_go_submit_notify(s.c(), C.uint32_t(kind), b.records, b.count, b.size, b.arena, b.arenaLen, b.options,
		handle, &b.failed) // qenex_submit_notify
	runtime.KeepAlive(s)
	return errorOf(status, b.failed)
}

// Post queues a batch like Submit, under a tag by which Collect answers it. Error: StatusBusy, the queue is full: Collect,
// then Post again.
func Post[T Command](ctx context.Context, s *Session, commands []T, tag uint64, options *ExecuteOptions) error {
	made, kind, err := whole(ctx, s, commands, options)
	if err != nil {
		return err
	}
	if err := s.engine.queue.use(byCollect); err != nil {
		return err
	}
	return submit(s, kind, made, tag)
}

// Collect waits until at least one posted batch is done, at most timeout (0: does not wait), and gives up to max of them
// (1 to CollectMax), each once. Any number of goroutines may collect; the thread of each waits in the library. Error:
// StatusTimedOut, none was done in time.
func (e *Engine) Collect(timeout time.Duration, max int) ([]Completion, error) {
	if e == nil || e.queue == nil {
		return nil, neverOpened()
	}
	if err := e.queue.use(byCollect); err != nil {
		return nil, err
	}
	if timeout < 0 || max < 0 {
		return nil, &Error{Status: StatusInvalidArgument, Item: -1, Message: "timeout and max must not be negative"}
	}
	milliseconds := timeout.Milliseconds()
	if milliseconds > math.MaxUint32 {
		milliseconds = math.MaxUint32
	}
	return e.collect(uint32(milliseconds), max)
}

func (e *Engine) collect(milliseconds uint32, max int) ([]Completion, error) {
	var buffer *C.qenex_buffer
	var failed *C.qenex_error
	status := C.qenex_collect(e.c(), C.uint32_t(milliseconds), C.size_t(max), &buffer, &failed)
	runtime.KeepAlive(e)
	defer C.qenex_buffer_free(buffer)
	if err := errorOf(status, failed); err != nil {
		return nil, err
	}
	var count C.size_t
	first := C.qenex_buffer_results(buffer, &count)
	all := unsafe.Slice((*rawResult)(unsafe.Pointer(first)), int(count))
	return recordsOf(buffer, func(raw *rawCompletion, texts []byte, completion *Completion) {
		own := all[raw.FirstResult : raw.FirstResult+uint64(raw.Results)]
		*completion = Completion{raw.Tag, Status(raw.Status), resultsOf(own), textAt(texts, raw.Message)}
	}), nil
}

// whole makes one batch of all commands.
func whole[T Command](ctx context.Context, s *Session, commands []T, options *ExecuteOptions) (*batch, CommandKind, error) {
	if s == nil || s.engine == nil {
		return nil, 0, neverOpened()
	}
	if err := ended(ctx); err != nil {
		return nil, 0, err
	}
	made, count, err := encode(commands, options, new(memory))
	if err != nil {
		return nil, 0, err
	}
	if count < len(commands) {
		return nil, 0, &Error{Status: StatusBatchTooLarge, Item: -1, Message: StatusBatchTooLarge.Explanation()}
	}
	if reflect.TypeOf(commands).Elem().Kind() == reflect.Interface {
		return made, CommandMixed, nil
	}
	return made, commands[0].command(), nil
}

func submit(s *Session, kind CommandKind, b *batch, tag uint64) error {
	b.failed = nil
	status := C.qenex_submit(s.c(), C.uint32_t(kind), b.records, b.count, b.size, b.arena, b.arenaLen, b.options,
		C.uint64_t(tag), &b.failed)
	runtime.KeepAlive(s)
	return errorOf(status, b.failed)
}

// How an engine's completions are taken.
const (
	undecided = iota
	byFutures
	byCollect
)

// queue holds the futures that wait for their completion.
type queue struct {
	mutex   sync.Mutex
	empty   *sync.Cond // signalled when nothing is pending
	mode    int
	closing bool
	running bool // the waiter
	next    uint64
	pending map[uint64]*Future
	room    chan struct{} // closed when completions came, then replaced
}

func newQueue() *queue {
	q := &queue{pending: map[uint64]*Future{}, room: make(chan struct{})}
	q.empty = sync.NewCond(&q.mutex)
	return q
}

// use settles how completions are taken.
func (q *queue) use(mode int) error {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return q.settle(mode)
}

func (q *queue) settle(mode int) error {
	if q.mode != undecided && q.mode != mode {
		return &Error{Status: StatusInvalidArgument, Item: -1,
			Message: "the engine's completions go to futures or to Collect, not to both: use Submit, or Post and Collect"}
	}
	q.mode = mode
	return nil
}

// add makes a future, and starts the waiter where none runs.
func (q *queue) add(engine *Engine) (*Future, uint64, <-chan struct{}, error) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.closing {
		return nil, 0, nil, &Error{Status: StatusClosed, Item: -1, Message: StatusClosed.Explanation()}
	}
	if err := q.settle(byFutures); err != nil {
		return nil, 0, nil, err
	}
	q.next++
	future := &Future{done: make(chan struct{})}
	q.pending[q.next] = future
	if !q.running {
		q.running = true
		go q.answer(engine)
	}
	return future, q.next, q.room, nil
}

// remove takes back a future whose batch was not taken.
func (q *queue) remove(tag uint64) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	delete(q.pending, tag)
	q.signal()
}

// answer is the waiter: it hands completions to their futures until none is left.
func (q *queue) answer(engine *Engine) {
	for q.outstanding() {
		completions, err := engine.collect(collectTimeout, collectMax)
		switch {
		case err == nil:
			q.complete(completions)
		case !errors.Is(err, StatusTimedOut):
			q.fail(err)
		}
	}
}

func (q *queue) outstanding() bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.running = len(q.pending) > 0
	return q.running
}

func (q *queue) complete(completions []Completion) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for _, completion := range completions {
		if future := q.pending[completion.Tag]; future != nil {
			future.results, future.err = completion.Results, completion.Err()
			close(future.done)
			delete(q.pending, completion.Tag)
		}
	}
	close(q.room)
	q.room = make(chan struct{})
	q.signal()
}

func (q *queue) fail(err error) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for tag, future := range q.pending {
		future.err = err
		close(future.done)
		delete(q.pending, tag)
	}
	q.signal()
}

func (q *queue) signal() {
	if len(q.pending) == 0 {
		q.empty.Broadcast()
	}
}

// drain refuses new batches and waits for those that were taken.
func (q *queue) drain() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.closing = true
	for len(q.pending) > 0 {
		q.empty.Wait()
	}
}

func (q *queue) reopen() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.closing = false
}
