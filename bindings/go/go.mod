module github.com/qenex/libqenex/bindings/go

go 1.19
