package qenex

// Questions: balances, accounts, transfers, holds, statements, the feed.
//
// Answers are durable state. Where several things are asked for at once, each answer has a Status of its own
// (StatusAccountUnknown, StatusItemNotFound), and an unknown one is no error of the call.

// #include <stdlib.h>
// #include <qenex.h>
import "C"

import (
	"context"
	"runtime"
	"unsafe"
)

// Balances answers balances, one for each key in the same order; asOf may be nil: now. More keys than BatchMax are asked
// for in several calls: the answers' sequences tell as of when each holds.
func (s *Session) Balances(ctx context.Context, keys []AccountKey, asOf *AsOfOptions) ([]Balance, error) {
	balances := make([]Balance, 0, len(keys))
	var when *C.qenex_as_of_options
	if asOf != nil {
		raw := asOf.encode(nil)
		when = (*C.qenex_as_of_options)(unsafe.Pointer(&raw))
	}
	err := portions(ctx, s, keys, func(k keyList) error {
		answers := make([]rawBalance, k.count)
		var failed *C.qenex_error
		status := C.qenex_balances_get(s.handle, k.first, k.count, C.sizeof_qenex_account_key, k.arena, k.arenaLen, when,
			(*C.qenex_balance)(unsafe.Pointer(&answers[0])), &failed)
		if err := errorOf(status, failed); err != nil {
			return err
		}
		for index := range answers {
			balances = append(balances, answers[index].decode(nil))
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
		status := C.qenex_balance_hierarchy(s.handle, k.first, C.sizeof_qenex_account_key, k.arena, k.arenaLen,
			(*C.qenex_balance)(unsafe.Pointer(&raw)), &failed)
		balance = raw.decode(nil)
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
		status := C.qenex_accounts_get(s.handle, k.first, k.count, C.sizeof_qenex_account_key, k.arena, k.arenaLen,
			&buffer, &failed)
		found, err := rows(status, failed, buffer, (*rawAccountRecord).decode)
		accounts = append(accounts, found...)
		return err
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
		return C.qenex_accounts_list(s.handle, below, C.uint64_t(after), C.uint32_t(limit), out, failed)
	})
}

// Entities gives all legal entities.
func (s *Session) Entities(ctx context.Context) ([]EntityRecord, error) {
	return query(ctx, s, (*rawEntityRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_entities_list(s.handle, out, failed)
	})
}

// Assets gives all assets of the file.
func (s *Session) Assets(ctx context.Context) ([]AssetRecord, error) {
	return query(ctx, s, (*rawAssetRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_assets_list(s.handle, out, failed)
	})
}

// HostRecord gives a record of the host's own. Error: StatusNotFound, also when it was deleted.
func (s *Session) HostRecord(ctx context.Context, nameSpace string, record []byte) (HostValue, error) {
	found, err := query(ctx, s, (*rawHostValue).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		space, spaceLen := textOf(nameSpace)
		return C.qenex_host_record_get(s.handle, space, spaceLen, unsafe.Pointer(unsafe.SliceData(record)),
			C.size_t(len(record)), out, failed)
	})
	if err != nil || len(found) == 0 {
		return HostValue{}, err
	}
	return found[0], nil
}

// TrialBalance gives the debits and credits of every asset in an entity, 0: in every entity. Commits wait meanwhile.
func (s *Session) TrialBalance(ctx context.Context, entity uint32) ([]TrialLine, error) {
	return query(ctx, s, (*rawTrialLine).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_trial_balance(s.handle, C.uint32_t(entity), out, failed)
	})
}

// Transfers gives transfers by their ids (1 to BatchMax), one for each in the same order.
func (s *Session) Transfers(ctx context.Context, ids []ID) ([]TransferRecord, error) {
	return query(ctx, s, (*rawTransferRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_transfers_get(s.handle, firstID(ids), C.size_t(len(ids)), out, failed)
	})
}

// Transaction gives the legs of a transaction in the order of posting; a transfer that is a transaction of its own is
// its only leg. Error: StatusNotFound.
func (s *Session) Transaction(ctx context.Context, id ID) ([]TransferRecord, error) {
	return query(ctx, s, (*rawTransferRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_transaction_get(s.handle, id.c(), out, failed)
	})
}

// TransfersByReference gives the transfers with a reference, end-to-end or other, oldest first; none is no error.
func (s *Session) TransfersByReference(ctx context.Context, reference string) ([]TransferRecord, error) {
	return query(ctx, s, (*rawTransferRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		data, length := textOf(reference)
		return C.qenex_transfers_by_reference(s.handle, data, length, out, failed)
	})
}

// FindTransfers gives the transfers that a filter lets through, oldest first. A page with Limit transfers may have a next
// one: ask again with After set to the Sequence of the last. Error: StatusNotFound, the account is unknown.
func (s *Session) FindTransfers(ctx context.Context, filter TransferFilter) ([]TransferRecord, error) {
	return query(ctx, s, (*rawTransferRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		raw := filter.encode(nil)
		return C.qenex_transfers_find(s.handle, (*C.qenex_transfer_filter)(unsafe.Pointer(&raw)), out, failed)
	})
}

// StatementOptions say which part of a statement is wanted; zero is the default everywhere.
type StatementOptions struct {
	// Limit: 1 to 10000 lines; 0: 100.
	Limit uint32
	// After: only postings after the change with this sequence number.
	After uint64
	// UpTo: only postings up to the change with this sequence number; 0: all.
	UpTo uint64
	// Cursor of the page before.
	Cursor []byte
}

// StatementPage is a page of a statement, the newest posting first.
type StatementPage struct {
	Lines []StatementLine
	// Cursor goes on with older postings; nil: there are none.
	Cursor []byte
}

// Statement gives a page of the statement of an account in an asset, the newest posting first. The cursor is bound to
// the state that the first page saw, so later postings do not shift it. Errors: StatusNotFound, StatusInvalidCursor.
func (s *Session) Statement(ctx context.Context, key AccountKey, options StatementOptions) (StatementPage, error) {
	var page StatementPage
	// The one option struct that holds a pointer: to a copy in C's memory.
	cursor := C.CBytes(options.Cursor)
	defer C.free(cursor)
	raw := (*C.qenex_statement_options)(C.calloc(1, C.sizeof_qenex_statement_options))
	defer C.free(unsafe.Pointer(raw))
	raw.struct_size = C.sizeof_qenex_statement_options
	raw.limit = C.uint32_t(options.Limit)
	raw.after = C.uint64_t(options.After)
	raw.up_to = C.uint64_t(options.UpTo)
	if len(options.Cursor) > 0 {
		raw.cursor = (*C.uint8_t)(cursor)
		raw.cursor_len = C.size_t(len(options.Cursor))
	}
	err := portions(ctx, s, []AccountKey{key}, func(k keyList) error {
		var buffer *C.qenex_buffer
		var failed *C.qenex_error
		status := C.qenex_statement_get(s.handle, k.first, C.sizeof_qenex_account_key, k.arena, k.arenaLen, raw, &buffer,
			&failed)
		defer C.qenex_buffer_free(buffer)
		if err := errorOf(status, failed); err != nil {
			return err
		}
		page.Lines = recordsOf(buffer, (*rawStatementLine).decode)
		page.Cursor = cursorOf(buffer)
		return nil
	})
	return page, err
}

// Holds gives holds by their ids (1 to BatchMax), one for each in the same order.
func (s *Session) Holds(ctx context.Context, ids []ID) ([]HoldRecord, error) {
	return query(ctx, s, (*rawHoldRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_holds_get(s.handle, firstID(ids), C.size_t(len(ids)), out, failed)
	})
}

// HoldPage gives the active holds against an account, oldest first. after is the Sequence of the last one of the page
// before, 0 for the first page. limit: 1 to 10000; 0: 100. Error: StatusNotFound.
func (s *Session) HoldPage(ctx context.Context, account ID, after uint64, limit uint32) ([]HoldRecord, error) {
	return query(ctx, s, (*rawHoldRecord).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_holds_list(s.handle, account.c(), C.uint64_t(after), C.uint32_t(limit), out, failed)
	})
}

// Feed gives the durable changes after a sequence number (0: from the first one on), at most limit (1 to 10000; 0: 100),
// in order and without gaps. To resume, ask with the last sequence number that was dealt with.
func (s *Session) Feed(ctx context.Context, after uint64, limit uint32) ([]FeedEntry, error) {
	return query(ctx, s, (*rawFeedEntry).decode, func(out **C.qenex_buffer, failed **C.qenex_error) C.qenex_status {
		return C.qenex_feed_read(s.handle, C.uint64_t(after), C.uint32_t(limit), out, failed)
	})
}

// Sequence gives the sequence number of the newest durable change; 0 in a new file.
func (s *Session) Sequence(ctx context.Context) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	var sequence C.uint64_t
	var failed *C.qenex_error
	status := C.qenex_sequence_get(s.handle, &sequence, &failed)
	runtime.KeepAlive(s)
	return uint64(sequence), errorOf(status, failed)
}

// query asks for records in a buffer.
func query[R, V any](ctx context.Context, s *Session, decode func(*R, []byte) V,
	call func(**C.qenex_buffer, **C.qenex_error) C.qenex_status) ([]V, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var buffer *C.qenex_buffer
	var failed *C.qenex_error
	status := call(&buffer, &failed)
	runtime.KeepAlive(s)
	return rows(status, failed, buffer, decode)
}

// keyList is what a call takes of accounts' names.
type keyList struct {
	first    *C.qenex_account_key
	count    C.size_t
	arena    *C.uint8_t
	arenaLen C.size_t
}

// portions asks for as many keys at a time as a call takes.
func portions(ctx context.Context, s *Session, keys []AccountKey, call func(keyList) error) error {
	if len(keys) == 0 {
		return &Error{Status: StatusEmptyBatch, Item: -1, Message: StatusEmptyBatch.Explanation()}
	}
	for asked := 0; asked < len(keys); {
		if err := ctx.Err(); err != nil {
			return err
		}
		portion := keys[asked:min(asked+BatchMax, len(keys))]
		var texts arena
		raws := make([]rawAccountKey, len(portion))
		for index := range portion {
			raws[index] = portion[index].encode(&texts)
		}
		list := keyList{first: (*C.qenex_account_key)(unsafe.Pointer(&raws[0])), count: C.size_t(len(raws))}
		list.arena, list.arenaLen = texts.c()
		err := call(list)
		runtime.KeepAlive(s)
		if err != nil {
			if failure, ok := err.(*Error); ok && failure.Item >= 0 {
				failure.Item += asked
			}
			return err
		}
		asked += len(portion)
	}
	return nil
}

func firstID(ids []ID) *C.qenex_id {
	return (*C.qenex_id)(unsafe.Pointer(unsafe.SliceData(ids)))
}
