//go:build !qenex_flags && !qenex_dlopen

package qenex

// By default pkg-config says where libqenex is.

// #cgo pkg-config: qenex
import "C"
