//go:build !qenex_flags

package qenex

// By default pkg-config says where libqenex is.

// #cgo pkg-config: qenex
import "C"
