package qenex

// Texts and times on their way through the boundary: Go strings are lent to a call, records point into an arena, and
// what comes back is copied, so that no pointer outlives its call on either side.

// #include <qenex.h>
import "C"

import (
	"bytes"
	"math"
	"time"
	"unsafe"
)

// textOf lends a string to a call.
func textOf(text string) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.size_t(len(text))
}

// arena collects the texts of a batch.
type arena struct {
	bytes []byte
}

func (a *arena) put(text string) rawText {
	if text == "" {
		return rawText{}
	}
	at := rawText{uint32(len(a.bytes)), uint32(len(text))}
	a.bytes = append(a.bytes, text...)
	return at
}

func (a *arena) putBytes(text []byte) rawText {
	if len(text) == 0 {
		return rawText{}
	}
	at := rawText{uint32(len(a.bytes)), uint32(len(text))}
	a.bytes = append(a.bytes, text...)
	return at
}

func (a *arena) c() (*C.uint8_t, C.size_t) {
	return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(a.bytes))), C.size_t(len(a.bytes))
}

func within(texts []byte, at rawText) []byte {
	end := uint64(at.Offset) + uint64(at.Length)
	if end > uint64(len(texts)) {
		return nil
	}
	return texts[at.Offset:end]
}

func textAt(texts []byte, at rawText) string {
	return string(within(texts, at))
}

func bytesAt(texts []byte, at rawText) []byte {
	return append([]byte(nil), within(texts, at)...)
}

// textsAt reads the texts of a feed entry: unaligned qenex_text values inside the arena.
func textsAt(texts []byte, at rawText, count uint32) []string {
	pairs := within(texts, at)
	var found []string
	for ; count > 0 && len(pairs) >= int(unsafe.Sizeof(at)); count-- {
		var pair rawText
		copy((*[unsafe.Sizeof(pair)]byte)(unsafe.Pointer(&pair))[:], pairs)
		found = append(found, textAt(texts, pair))
		pairs = pairs[unsafe.Sizeof(pair):]
	}
	return found
}

func untilNUL(text []byte) string {
	before, _, _ := bytes.Cut(text, []byte{0})
	return string(before)
}

// The years that UnixMicro can express without leaving 64 bits, and more than the library takes.
const (
	firstYear = -290000
	lastYear  = 290000
)

// micros gives a time in microseconds since 1970; the zero time is 0: none. What is finer than a microsecond is cut. A
// time outside the library's years 1 to 9999 stays outside, so that the library refuses it.
func micros(t time.Time) int64 {
	switch {
	case t.IsZero():
		return 0
	case t.Year() < firstYear:
		return math.MinInt64
	case t.Year() > lastYear:
		return math.MaxInt64
	default:
		return t.UnixMicro()
	}
}

// timeAt is the other way round, in UTC; 0 is the zero time.
func timeAt(microseconds int64) time.Time {
	if microseconds == 0 {
		return time.Time{}
	}
	return time.UnixMicro(microseconds).UTC()
}
