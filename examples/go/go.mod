module github.com/qenex/libqenex/examples/go

go 1.19

require github.com/qenex/libqenex/bindings/go v0.0.0

replace github.com/qenex/libqenex/bindings/go => ../../bindings/go
