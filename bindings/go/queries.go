package qenex

// Questions: balances, accounts, transfers, holds, statements, the feed.
//
// Answers are durable state. Where several things are asked for at once, each answer has a Status of its own
// (StatusAccountUnknown, StatusItemNotFound), and an unknown one is no error of the call.

// #include <qenex.h>
import "C"

import (
	"context"
	"runtime"
	"time"
	"unsafe"
)

// Balances answers balances, one for each key in the same order; asOf may be nil: now. More keys than BatchMax are asked
// for in several calls: the answers' sequences tell as of when each holds.
func (s *Session) Balances(ctx context.Context, keys []AccountKey, asOf *AsOfOptions) ([]Balance, error) {
	balances := make([]Balance, 0, len(keys))
	var when *C.qenex_as_of_options
	if asOf != nil {
		var raw rawAsOfOptions
		asOf.encode(&raw, nil)
		when = (*C.qenex_as_of_options)(unsafe.Pointer(&raw))
	}
	err := portions(ctx, s, keys, func(k keyList) error {
		answers := make([]rawBalance, k.count)
		var failed *C.qenex_error
		status := C.qenex_balances_get(s.c(), k.first, k.count, k.size, k.arena, k.arenaLen, when,
			(*C.qenex_balance)(unsafe.Pointer(&answers[0])), &failed)
		if err := errorOf(status, failed); err != nil {
			return err
		}
		for index := range answers {
			balances = append(balances, read(&answers[index], (*rawBalance).decode))
		}
		return nil
	})
	return balances, err
}

// BalanceOfHierarchy answers the sum of the balances of an account and of every account below it. Error: StatusNotFound.
func (s *Session) BalanceOfHierarchy(ctx context.Context, key AccountKey) (Balance, error) {
	var balance Balance
	err := portions(ctx, s, []AccountKey{key}, func(k keyList) error {
		var raw rawBalance
		var failed *C.qenex_error
		status := C.qenex_balance_hierarchy(s.c(), k.first, k.size, k.arena, k.arenaLen,
			(*C.qenex_balance)(unsafe.Pointer(&raw)), &failed)
		balance = read(&raw, (*rawBalance).decode)
		return errorOf(status, failed)
	})
	return balance, err
}

// Accounts answers accounts, one for each key in the same order.
func (s *Session) Accounts(ctx context.Context, keys []AccountKey) ([]AccountRecord, error) {
	accounts := make([]AccountRecord, 0, len(keys))
	err := portions(ctx, s, keys, func(k keyList) error {
		var buffer *C.qenex_buffer
		var failed *C.qenex_error
		status := C.qenex_accounts_get(s.c(), k.first, k.count, k.size, k.arena, k.arenaLen,
			&buffer, &failed)
		defer C.qenex_buffer_free(buffer)
		if err := errorOf(status, failed); err != nil {
			return err
		}
		accounts = append(accounts, recordsOf(buffer, (*rawAccountRecord).decode)...)
		return nil
	})
	return accounts, err
}

// AccountPage gives accounts in the order of opening: those right below parent, or with the id none all. after is the
// Account of the last one of the page before, 0 for the first page. limit: 1 to 10000; 0: 100.
func (s *Session) AccountPage(ctx context.Context, parent ID, after uint64, limit uint32) ([]AccountRecord, error) {
	return query(ctx, s, (*rawAccountRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		var below *C.qenex_id
		if !parent.IsZero() {
			below = parent.c()
		}
		return C.qenex_accounts_list(s.c(), below, C.uint64_t(after), C.uint32_t(limit), out, failed)
	})
}

// Entities gives all legal entities.
func (s *Session) Entities(ctx context.Context) ([]EntityRecord, error) {
	return query(ctx, s, (*rawEntityRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_entities_list(s.c(), out, failed)
	})
}

// Assets gives all assets of the file.
func (s *Session) Assets(ctx context.Context) ([]AssetRecord, error) {
	return query(ctx, s, (*rawAssetRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_assets_list(s.c(), out, failed)
	})
}

// HostRecord gives a record of the host's own. Error: StatusNotFound, also when it was deleted.
func (s *Session) HostRecord(ctx context.Context, nameSpace string, record []byte) (HostValue, error) {
	found, err := query(ctx, s, (*rawHostValue).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		space, spaceLen := textOf(nameSpace)
		return C.qenex_host_record_get(s.c(), space, spaceLen, firstOf(record), C.size_t(len(record)), out, failed)
	})
	if err != nil || len(found) == 0 {
		return HostValue{}, err
	}
	return found[0], nil
}

// TrialBalance gives the debits and credits of every asset in an entity, 0: in every entity. Commits wait meanwhile.
func (s *Session) TrialBalance(ctx context.Context, entity uint32) ([]TrialLine, error) {
	return query(ctx, s, (*rawTrialLine).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_trial_balance(s.c(), C.uint32_t(entity), out, failed)
	})
}

// TrialBalanceAsOf is TrialBalance at another time: as of a booking or value date, as known after a sequence number or
// at an earlier system time, or both. It looks at every balance, but commits go on meanwhile.
func (s *Session) TrialBalanceAsOf(ctx context.Context, entity uint32, asOf AsOfOptions) ([]TrialLine, error) {
	var raw rawAsOfOptions
	asOf.encode(&raw, nil)
	return query(ctx, s, (*rawTrialLine).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_trial_balance_as_of(s.c(), C.uint32_t(entity), (*C.qenex_as_of_options)(unsafe.Pointer(&raw)),
			out, failed)
	})
}

// Transfers gives transfers by their ids (1 to BatchMax), one for each in the same order.
func (s *Session) Transfers(ctx context.Context, ids []ID) ([]TransferRecord, error) {
	return query(ctx, s, (*rawTransferRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_transfers_get(s.c(), firstID(ids), C.size_t(len(ids)), out, failed)
	})
}

// Transaction gives the legs of a transaction in the order of posting; a transfer that is a transaction of its own is
// its only leg. Error: StatusNotFound.
func (s *Session) Transaction(ctx context.Context, id ID) ([]TransferRecord, error) {
	return query(ctx, s, (*rawTransferRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_transaction_get(s.c(), id.c(), out, failed)
	})
}

// TransfersByReference gives the transfers with a reference, end-to-end or other, oldest first; none is no error.
func (s *Session) TransfersByReference(ctx context.Context, reference string) ([]TransferRecord, error) {
	return query(ctx, s, (*rawTransferRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		data, length := textOf(reference)
		return C.qenex_transfers_by_reference(s.c(), data, length, out, failed)
	})
}

// TransferPage is a page of transfers.
type TransferPage struct {
	Transfers []TransferRecord
	// Cursor goes on with the next page; nil: this was the last one.
	Cursor []byte
}

// FindTransfers gives the transfers that a filter lets through, oldest first. The next page is asked for with the same
// filter but Cursor and Limit, and is bound to the state that the first page saw.
//
// A reference is found by an index, an account along its own postings, whatever else the filter has. With neither, the
// transfers are looked at one by one: narrow that with After and UpTo (SequenceAt). A call looks at a bounded number of
// transfers, so that a page may have fewer than the limit, or none, and a cursor all the same. Errors: StatusNotFound,
// the account is unknown; StatusInvalidCursor.
func (s *Session) FindTransfers(ctx context.Context, filter TransferFilter) (TransferPage, error) {
	var memory foreign
	defer memory.free()
	var raw rawTransferFilter
	filter.encode(&raw, &memory)
	found, cursor, err := page(ctx, s, (*rawTransferRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_transfers_find(s.c(), (*C.qenex_transfer_filter)(unsafe.Pointer(&raw)), out, failed)
	})
	return TransferPage{found, cursor}, err
}

// StatementPage is a page of a statement.
type StatementPage struct {
	Lines []StatementLine
	// Cursor goes on with the next page; nil: this was the last one.
	Cursor []byte
}

// Statement gives a page of the statement of an account in an asset, the newest posting first, or with
// StatementOldestFirst the oldest. Bounds of booking and value dates leave lines out; the balance of a line counts all
// postings up to it nevertheless. Zero options: the newest 100 lines.
//
// The next page is asked for with the same options but Cursor and Limit, and is bound to the state that the first page
// saw, so that later postings do not shift it. Where few postings have the dates asked for, a page may have fewer lines
// than the limit, or none, and a cursor all the same. Errors: StatusNotFound, StatusInvalidDate, StatusInvalidCursor.
func (s *Session) Statement(ctx context.Context, key AccountKey, options StatementOptions) (StatementPage, error) {
	var memory foreign
	defer memory.free()
	var raw rawStatementOptions
	options.encode(&raw, &memory)
	lines, cursor, err := byKey(ctx, s, key, (*rawStatementLine).decode,
		func(k keyList, out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
			return C.qenex_statement_get(s.c(), k.first, k.size, k.arena, k.arenaLen,
				(*C.qenex_statement_options)(unsafe.Pointer(&raw)), out, failed)
		})
	return StatementPage{lines, cursor}, err
}

// Holds gives holds by their ids (1 to BatchMax), one for each in the same order.
func (s *Session) Holds(ctx context.Context, ids []ID) ([]HoldRecord, error) {
	return query(ctx, s, (*rawHoldRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_holds_get(s.c(), firstID(ids), C.size_t(len(ids)), out, failed)
	})
}

// HoldPage gives the active holds against an account, oldest first. after is the Sequence of the last one of the page
// before, 0 for the first page. limit: 1 to 10000; 0: 100. Error: StatusNotFound.
func (s *Session) HoldPage(ctx context.Context, account ID, after uint64, limit uint32) ([]HoldRecord, error) {
	return query(ctx, s, (*rawHoldRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_holds_list(s.c(), account.c(), C.uint64_t(after), C.uint32_t(limit), out, failed)
	})
}

// Feed gives the durable changes after a sequence number (0: from the first one on), at most limit (1 to 10000; 0: 100),
// in order and without gaps. To resume, ask with the last sequence number that was dealt with.
func (s *Session) Feed(ctx context.Context, after uint64, limit uint32) ([]FeedEntry, error) {
	return query(ctx, s, (*rawFeedEntry).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_feed_read(s.c(), C.uint64_t(after), C.uint32_t(limit), out, failed)
	})
}

// Sequence gives the sequence number of the newest durable change; 0 in a new file.
func (s *Session) Sequence(ctx context.Context) (uint64, error) {
	return one(ctx, s, func(out *C.uint64_t, failed **C.qenex_error) C.qenex_status {
		return C.qenex_sequence_get(s.c(), out, failed)
	})
}

// SequenceAt gives the sequence number of the last durable change up to a system time, inclusive; 0: there was none. What
// was known at that time is what is known as of this number.
func (s *Session) SequenceAt(ctx context.Context, at time.Time) (uint64, error) {
	return one(ctx, s, func(out *C.uint64_t, failed **C.qenex_error) C.qenex_status {
		return C.qenex_sequence_at(s.c(), C.qenex_time(micros(at)), out, failed)
	})
}

// AccountNumbers gives the external numbers of an account, in force and ended, in the order in which they were given.
// after is the Sequence of the last one of the page before, 0 for the first page. limit: 1 to 10000; 0: 100. Error:
// StatusNotFound.
func (s *Session) AccountNumbers(ctx context.Context, key AccountKey, after uint64, limit uint32) ([]AccountNumberRecord, error) {
	found, _, err := byKey(ctx, s, key, (*rawAccountNumberRecord).decode,
		func(k keyList, out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
			return C.qenex_account_numbers_list(s.c(), k.first, k.size, k.arena, k.arenaLen, C.uint64_t(after),
				C.uint32_t(limit), out, failed)
		})
	return found, err
}

// AccountLimits gives the limits of an account, by asset and kind; those that expired stay until they are set anew or
// lifted, and have no effect. Error: StatusNotFound.
func (s *Session) AccountLimits(ctx context.Context, key AccountKey) ([]AccountLimitRecord, error) {
	found, _, err := byKey(ctx, s, key, (*rawAccountLimitRecord).decode,
		func(k keyList, out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
			return C.qenex_account_limits_list(s.c(), k.first, k.size, k.arena, k.arenaLen, out, failed)
		})
	return found, err
}

// one asks for a number.
func one(ctx context.Context, s *Session, call func(*C.uint64_t, **C.qenex_error) C.qenex_status) (uint64, error) {
	if err := ended(ctx); err != nil {
		return 0, err
	}
	var number C.uint64_t
	var failed *C.qenex_error
	status := call(&number, &failed)
	runtime.KeepAlive(s)
	return uint64(number), errorOf(status, failed)
}

// query asks for records in a buffer.
func query[R, V any](ctx context.Context, s *Session, decode func(*R, []byte, *V),
	call func(**C.qenex_buffer, **C.qenex_error) C.qenex_status) ([]V, error) {
	found, _, err := page(ctx, s, decode, call)
	return found, err
}

// page asks for records in a buffer, and for the cursor that goes on.
func page[R, V any](ctx context.Context, s *Session, decode func(*R, []byte, *V),
	call func(**C.qenex_buffer, **C.qenex_error) C.qenex_status) ([]V, []byte, error) {
	if err := ended(ctx); err != nil {
		return nil, nil, err
	}
	var buffer *C.qenex_buffer
	var failed *C.qenex_error
	status := call(&buffer, &failed)
	runtime.KeepAlive(s)
	defer C.qenex_buffer_free(buffer)
	if err := errorOf(status, failed); err != nil {
		return nil, nil, err
	}
	return recordsOf(buffer, decode), cursorOf(buffer), nil
}

// byKey asks for what an account has.
func byKey[R, V any](ctx context.Context, s *Session, key AccountKey, decode func(*R, []byte, *V),
	call func(keyList, **C.qenex_buffer, **C.qenex_error) C.qenex_status) ([]V, []byte, error) {
	list, err := keysOf([]AccountKey{key})
	if err != nil {
		return nil, nil, err
	}
	return page(ctx, s, decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return call(list, out, failed)
	})
}

// keyList is what a call takes of accounts' names.
type keyList struct {
	first    *C.qenex_account_key
	count    C.size_t
	size     C.size_t
	arena    *C.uint8_t
	arenaLen C.size_t
}

func keysOf(keys []AccountKey) (keyList, error) {
	if len(keys) == 0 {
		return keyList{}, emptyBatch()
	}
	var texts arena
	raws := make([]rawAccountKey, len(keys))
	for index := range keys {
		keys[index].encode(&raws[index], &texts)
	}
	if texts.over {
		return keyList{}, &Error{Status: StatusBatchTooLarge, Item: -1, Message: StatusBatchTooLarge.Explanation()}
	}
	list := keyList{first: (*C.qenex_account_key)(firstOf(raws)), count: C.size_t(len(raws)), size: C.sizeof_qenex_account_key}
	list.arena, list.arenaLen = texts.c()
	return list, nil
}

// portions asks for as many keys at a time as a call takes.
func portions(ctx context.Context, s *Session, keys []AccountKey, call func(keyList) error) error {
	for asked := 0; ; {
		if err := ended(ctx); err != nil {
			return err
		}
		portion := keys[asked:lesser(asked+BatchMax, len(keys))]
		list, err := keysOf(portion)
		if err == nil {
			err = call(list)
			runtime.KeepAlive(s)
		}
		if err != nil {
			return later(err, asked)
		}
		if asked += len(portion); asked == len(keys) {
			return nil
		}
	}
}

func firstID(ids []ID) *C.qenex_id {
	return (*C.qenex_id)(firstOf(ids))
}
