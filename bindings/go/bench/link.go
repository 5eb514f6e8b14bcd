//go:build !qenex_flags

package main

// #cgo pkg-config: qenex
import "C"
