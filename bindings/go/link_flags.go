//go:build qenex_flags && !qenex_dlopen

package qenex

// With -tags qenex_flags pkg-config is not asked: CGO_CFLAGS=-I... and CGO_LDFLAGS=-L... say where libqenex is.

// #cgo LDFLAGS: -lqenex
import "C"
