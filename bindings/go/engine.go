package qenex

// The engine: opening and closing a file, and what concerns the file as a whole.

// #include <stdlib.h>
// #include "callbacks.h"
import "C"

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Options say how to open an engine. Only Path has no default; zero is the default everywhere.
type Options struct {
	// Path of the file; empty with OpenMemory.
	Path string
	// Flags: OpenReadOnly, OpenMustExist, OpenMemory.
	Flags OpenFlags
	// Durability is what a returned success survives; 0: DurabilityFull.
	Durability Durability
	// MaxReaders at the same time; 0: 16.
	MaxReaders uint32
	// CacheBytes for accounts and balances; 0: 176 MiB.
	CacheBytes uint64
	// FilterBytes for the filters of the index of keys; 0: 64 MiB.
	FilterBytes uint64
	// PageCacheKiB of SQLite's writer; 0: 16384.
	PageCacheKiB uint32
	// QueueCapacity is how many batches may be submitted and not collected; 0: 64.
	QueueCapacity uint32
	// CheckpointBytes of the write-ahead log after which it is moved into the file; 0: 16 MiB.
	CheckpointBytes uint64
	// WALLimitBytes of the write-ahead log after which commits are refused (StatusWALLimit); 0: 1 GiB.
	WALLimitBytes uint64
	// BusyTimeout is how long to wait for a lock or a free reader, in whole milliseconds; 0: 5 s.
	BusyTimeout time.Duration
	// ReplayLimit is how many changes opening after a kill replays at most, roughly; 0: 262144.
	ReplayLimit uint32
	// LogLevel up to which messages go to Log; 0: LogInfo.
	LogLevel LogLevel
	// ReaderAgeLimit is how long a query, backup or check may read before it is ended (StatusSnapshotTooOld), in whole
	// milliseconds; 0: for ever.
	ReaderAgeLimit time.Duration
	// Log receives messages, from any goroutine but never from two at once. It must not call the engine
	// (StatusReentrant) and must return soon: commits wait for it. A panic in it costs the message, and Engine.Close
	// returns it (PanicError).
	Log func(LogMessage)
	// Clock tells the time in place of the system's clock. It must not call the engine. While it panics, the engine's
	// time stands still, and Engine.Close returns the first panic (PanicError).
	Clock func() time.Time
}

// Engine is an open database. Any number of goroutines may use it. Close it; one that is forgotten is closed after the
// garbage collector found it.
type Engine struct {
	handle *C.qenex_engine
	closed atomic.Bool
	mutex  sync.Mutex // serialises Close
	queue  *queue     // apart: it points to itself, and what does would never be finalised
	panics *panics
}

// c gives the handle, NULL of an engine that was never opened: the library refuses it.
func (e *Engine) c() *C.qenex_engine {
	if e == nil {
		return nil
	}
	return e.handle
}

// neverOpened is the error of a zero Engine or Session.
func neverOpened() error {
	return &Error{Status: StatusInvalidHandle, Item: -1,
		Message: "the engine or session is not one that Open or Engine.Session gave: use those"}
}

// Open opens a database file, and creates it unless told otherwise. One engine per file: share it between goroutines.
//
// Errors: StatusCannotOpen, StatusNotADatabase, StatusNotQenex, StatusCorrupt, StatusReadOnly, StatusLocked,
// StatusAlreadyOpen, StatusNewerVersion, StatusUpgradeNeeded, StatusNetworkFileSystem; StatusUnsupported when the
// loaded library is of another release than this package: the message names both.
func Open(options Options) (*Engine, error) {
	if incompatible != nil {
		return nil, incompatible
	}
	wait, err := milliseconds("BusyTimeout", options.BusyTimeout)
	if err != nil {
		return nil, err
	}
	readerAge, err := milliseconds("ReaderAgeLimit", options.ReaderAgeLimit)
	if err != nil {
		return nil, err
	}
	// In C's memory: it holds pointers, and numbers in the place of pointers.
	raw := (*C.qenex_options)(C.calloc(1, C.sizeof_qenex_options))
	defer C.free(unsafe.Pointer(raw))
	raw.struct_size = C.sizeof_qenex_options
	if options.Path != "" {
		path := C.CString(options.Path)
		defer C.free(unsafe.Pointer(path))
		raw.path, raw.path_len = path, C.size_t(len(options.Path))
	}
	raw.flags = C.uint32_t(options.Flags)
	raw.durability = C.uint32_t(options.Durability)
	raw.max_readers = C.uint32_t(options.MaxReaders)
	raw.cache_bytes = C.uint64_t(options.CacheBytes)
	raw.filter_bytes = C.uint64_t(options.FilterBytes)
	raw.page_cache_kib = C.uint32_t(options.PageCacheKiB)
	raw.queue_capacity = C.uint32_t(options.QueueCapacity)
	raw.checkpoint_bytes = C.uint64_t(options.CheckpointBytes)
	raw.wal_limit_bytes = C.uint64_t(options.WALLimitBytes)
	raw.busy_timeout_ms = wait
	raw.reader_age_limit_ms = readerAge
	raw.replay_limit = C.uint32_t(options.ReplayLimit)
	raw.log_level = C.uint32_t(options.LogLevel)
	engine := &Engine{queue: newQueue(), panics: &panics{}}
	var log, clock C.uintptr_t
	if options.Log != nil {
		log = handleOf(told[func(LogMessage)]{options.Log, engine.panics})
	}
	if options.Clock != nil {
		clock = handleOf(told[func() time.Time]{options.Clock, engine.panics})
	}
	C.qenex_go_callbacks(raw, log, clock)
	var failed *C.qenex_error
	status := C.qenex_open(raw, &engine.handle, &failed)
	if err := errorOf(status, failed); err != nil {
		return nil, err
	}
	// Closing may wait for a commit: not on the goroutine of the finalizers.
	runtime.SetFinalizer(engine, func(engine *Engine) { go func() { _ = engine.Close() }() })
	return engine, nil
}

// Close closes the engine: what was submitted is finished and its futures are answered, the file and its lock are
// released, the library's threads end. Calls under way finish or fail with StatusClosed. Closing again does nothing.
// Called from one of the engine's own callbacks it fails with StatusReentrant, and the engine stays open. After any other
// error the engine is closed. A *PanicError says that one of the callbacks panicked while the engine was open.
func (e *Engine) Close() error {
	if e == nil || e.queue == nil {
		return neverOpened()
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.closed.Load() {
		return nil
	}
	// Within a callback waiting for what was submitted would never end.
	if _, err := e.Stats(); errors.Is(err, StatusReentrant) || errors.Is(err, StatusForked) {
		return err
	}
	e.queue.drain()
	var failed *C.qenex_error
	status := C.qenex_close(e.c(), &failed)
	err := errorOf(status, failed)
	if errors.Is(err, StatusReentrant) || errors.Is(err, StatusForked) {
		e.queue.reopen()
		return err
	}
	e.closed.Store(true)
	runtime.SetFinalizer(e, nil)
	if err != nil {
		return err
	}
	return e.panics.take()
}

// Stats gives the engine's figures.
func (e *Engine) Stats() (Stats, error) {
	var raw rawStats
	raw.StructSize = uint32(unsafe.Sizeof(raw))
	var failed *C.qenex_error
	status := C.qenex_stats_get(e.c(), (*C.qenex_stats)(unsafe.Pointer(&raw)), &failed)
	runtime.KeepAlive(e)
	return read(&raw, (*rawStats).decode), errorOf(status, failed)
}

// Backup copies the file to path, which must not exist, while writing goes on. The copy is verified and durable when
// this returns. tell, which may be nil, is told how far the copy is, in pages; the error that it returns stops the
// backup and is wrapped in what Backup returns. Errors: StatusBackupFailed, StatusDiskFull, StatusIO.
func (e *Engine) Backup(path string, tell func(done, total uint64) error) error {
	told := &progress{tell: tell}
	var handle C.uintptr_t
	if tell != nil {
		handle = handleOf(told)
		defer qenexGoDestroy(handle)
	}
	var failed *C.qenex_error
	data, length := textOf(path)
	status := C.qenex_go_backup(e.c(), data, length, handle, &failed) // qenex_backup
	runtime.KeepAlive(e)
	err := errorOf(status, failed)
	if told.panicked != nil {
		panic(told.panicked)
	}
	if err != nil && told.stopped != nil {
		return &stoppedError{err, told.stopped}
	}
	return err
}

// IntegrityCheck checks the whole file and gives what is wrong, in words; none: nothing is. It reads everything.
func (e *Engine) IntegrityCheck() ([]string, error) {
	var buffer *C.qenex_buffer
	var failed *C.qenex_error
	status := C.qenex_integrity_check(e.c(), &buffer, &failed)
	runtime.KeepAlive(e)
	defer C.qenex_buffer_free(buffer)
	if err := errorOf(status, failed); err != nil {
		return nil, err
	}
	return recordsOf(buffer, func(raw *rawText, texts []byte, text *string) { *text = textAt(texts, *raw) }), nil
}

// StateHash gives the SHA3-256 of the whole durable state: equal for files with the same history. Experimental.
func (e *Engine) StateHash() ([32]byte, error) {
	var hash [32]byte
	var failed *C.qenex_error
	status := C.qenex_state_hash(e.c(), (*C.uint8_t)(&hash[0]), &failed)
	runtime.KeepAlive(e)
	return hash, errorOf(status, failed)
}

// ApplyFeed applies changes of another file's feed (1 to 10000, as Session.Feed gave them) to this one, which is empty or
// was filled in this way alone. Changes that are here already are passed over; the first new one must follow the newest
// one here. Durable when it returns. An error means that nothing of the page was applied: StatusInvalidArgument, a change
// is missing before the page, or the files do not have the same history; StatusInvalidEncoding.
func (e *Engine) ApplyFeed(entries []FeedEntry) error {
	if len(entries) == 0 {
		return emptyBatch()
	}
	var texts arena
	raws := make([]rawFeedEntry, len(entries))
	for index := range entries {
		entries[index].encode(&raws[index], &texts)
	}
	if texts.over {
		return &Error{Status: StatusBatchTooLarge, Item: -1, Message: StatusBatchTooLarge.Explanation()}
	}
	data, length := texts.c()
	var failed *C.qenex_error
	status := C.qenex_feed_apply(e.c(), (*C.qenex_feed_entry)(firstOf(raws)), C.size_t(len(raws)),
		C.sizeof_qenex_feed_entry, data, length, &failed)
	runtime.KeepAlive(e)
	return errorOf(status, failed)
}

// SupportBundle gives what a person who helps needs to know: versions, figures, sizes; no names, ids or amounts.
func (e *Engine) SupportBundle() (string, error) {
	var buffer *C.qenex_buffer
	var failed *C.qenex_error
	status := C.qenex_support_bundle(e.c(), &buffer, &failed)
	runtime.KeepAlive(e)
	defer C.qenex_buffer_free(buffer)
	if err := errorOf(status, failed); err != nil {
		return "", err
	}
	return string(textsOf(buffer)), nil
}

// Restore makes a database at target, which must not exist, out of a backup, which is verified first.
func Restore(backup, target string) error {
	if incompatible != nil {
		return incompatible
	}
	var failed *C.qenex_error
	from, fromLen := textOf(backup)
	to, toLen := textOf(target)
	return errorOf(C.qenex_restore(from, fromLen, to, toLen, &failed), failed)
}

// RebuildCaches makes everything anew that a closed file keeps beside its truth rows: balances, posting marks, the index
// of keys. For a file of which one of these is damaged while the transfers and changes are whole. All or nothing. Errors:
// StatusLocked, StatusAlreadyOpen.
func RebuildCaches(path string) error {
	if incompatible != nil {
		return incompatible
	}
	var failed *C.qenex_error
	data, length := textOf(path)
	return errorOf(C.qenex_rebuild_caches(data, length, &failed), failed)
}

// Upgrade brings a closed file to the format of this version; opening never does. With dryRun it changes nothing and
// only answers the formats before and after. Take a backup first.
func Upgrade(path string, dryRun bool) (from, to uint32, err error) {
	if incompatible != nil {
		return 0, 0, incompatible
	}
	var dry C.int32_t
	if dryRun {
		dry = 1
	}
	var before, after C.uint32_t
	var failed *C.qenex_error
	data, length := textOf(path)
	status := C.qenex_upgrade(data, length, dry, &before, &after, &failed)
	return uint32(before), uint32(after), errorOf(status, failed)
}

func milliseconds(name string, wait time.Duration) (C.uint32_t, error) {
	if wait < 0 || wait.Milliseconds() > math.MaxUint32 {
		return 0, &Error{Status: StatusInvalidArgument, Item: -1,
			Message: fmt.Sprintf("%s is %v: it must be 0 to about 49 days", name, wait)}
	}
	return C.uint32_t(wait.Milliseconds()), nil
}
