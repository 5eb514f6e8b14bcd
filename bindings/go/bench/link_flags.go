//go:build qenex_flags

package main

// #cgo LDFLAGS: -lqenex
import "C"
