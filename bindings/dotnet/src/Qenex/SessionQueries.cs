// What a session asks: balances, accounts, transfers, statements, holds, lists and the feed of changes. An answer is copied
// out of the library's memory before the call returns.
using System;
using System.Collections.Generic;
using Qenex.Raw;

namespace Qenex
{
    public sealed unsafe partial class Session
    {
        private static readonly byte[] Nothing = new byte[0];

        /// <summary>One balance per key, now or as of a sequence number, a system time, a booking date or a value date. An
        /// unknown account is in the balance's status.</summary>
        public Balance[] GetBalances(IEnumerable<AccountKey> keys, AsOfOptions asOf = null)
        {
            RawAsOfOptions when = AsOf(asOf);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = Batch.Of(Listed(keys, "keys"), "keys", sizeof(RawAccountKey)))
            {
                Balance[] balances = new Balance[batch.Count];
                fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
                fixed (Balance* to = balances)
                {
                    call.Check(Native.qenex_balances_get(call.Handle, (RawAccountKey*)records, batch.Number, batch.RecordSize,
                        arena, batch.ArenaLength, &when, (RawBalance*)to, call.Error));
                }
                return balances;
            }
        }

        /// <summary>The sum of the balances of an account and of every account below it, in the key's asset.</summary>
        public Balance GetBalanceBelow(AccountKey key)
        {
            RawBalance balance;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = One(key))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
            {
                call.Check(Native.qenex_balance_hierarchy(call.Handle, (RawAccountKey*)records, batch.RecordSize, arena,
                    batch.ArenaLength, &balance, call.Error));
            }
            return new Balance(balance);
        }

        /// <summary>One account per key; an unknown one has <see cref="Status.AccountUnknown"/>.</summary>
        public AccountRecord[] GetAccounts(IEnumerable<AccountKey> keys)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = Batch.Of(Listed(keys, "keys"), "keys", sizeof(RawAccountKey)))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
            {
                call.Check(Native.qenex_accounts_get(call.Handle, (RawAccountKey*)records, batch.Number, batch.RecordSize, arena,
                    batch.ArenaLength, call.Buffer, call.Error));
                return call.Read(AccountRecord.Unpack);
            }
        }

        /// <summary>Accounts in the order of opening: all, or those right below a parent. after: the engine's number of the last
        /// account of the page before. limit: 1 to 10000; 0: 100.</summary>
        public AccountRecord[] ListAccounts(Guid? parent = null, ulong after = 0, uint limit = 0)
        {
            RawId id = Wire.FromGuid(parent.GetValueOrDefault());
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_accounts_list(call.Handle, parent.HasValue ? &id : null, after, limit, call.Buffer,
                    call.Error));
                return call.Read(AccountRecord.Unpack);
            }
        }

        /// <summary>All legal entities.</summary>
        public EntityRecord[] ListEntities()
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_entities_list(call.Handle, call.Buffer, call.Error));
                return call.Read(EntityRecord.Unpack);
            }
        }

        /// <summary>All assets of the file.</summary>
        public AssetRecord[] ListAssets()
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_assets_list(call.Handle, call.Buffer, call.Error));
                return call.Read(AssetRecord.Unpack);
            }
        }

        /// <summary>The external numbers of an account, in force and ended.</summary>
        public AccountNumberRecord[] ListAccountNumbers(AccountKey account, ulong after = 0, uint limit = 0)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = One(account))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
            {
                call.Check(Native.qenex_account_numbers_list(call.Handle, (RawAccountKey*)records, batch.RecordSize, arena,
                    batch.ArenaLength, after, limit, call.Buffer, call.Error));
                return call.Read(AccountNumberRecord.Unpack);
            }
        }

        /// <summary>The limits of an account, by asset and kind.</summary>
        public AccountLimitRecord[] ListAccountLimits(AccountKey account)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = One(account))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
            {
                call.Check(Native.qenex_account_limits_list(call.Handle, (RawAccountKey*)records, batch.RecordSize, arena,
                    batch.ArenaLength, call.Buffer, call.Error));
                return call.Read(AccountLimitRecord.Unpack);
            }
        }

        /// <summary>The owners of an account, in the order in which they were linked.</summary>
        public OwnerRecord[] ListAccountOwners(Guid account)
        {
            RawId id = Wire.FromGuid(account);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_account_owners_list(call.Handle, &id, call.Buffer, call.Error));
                return call.Read(OwnerRecord.Unpack);
            }
        }

        /// <summary>The blocks that were set and lifted on an account, oldest first.</summary>
        public BlockRecord[] ListAccountBlocks(Guid account)
        {
            RawId id = Wire.FromGuid(account);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_account_blocks_list(call.Handle, &id, call.Buffer, call.Error));
                return call.Read(BlockRecord.Unpack);
            }
        }

        /// <summary>A record of the host's own. Throws with <see cref="Status.NotFound"/>, also when it was deleted.</summary>
        public HostValue GetHostRecord(string nameSpace, byte[] record)
        {
            byte[] space = Wire.Bytes(nameSpace, "nameSpace");
            byte[] name = record ?? Nothing;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (byte* first = space, second = name)
            {
                call.Check(Native.qenex_host_record_get(call.Handle, first, (UIntPtr)space.Length, second, (UIntPtr)name.Length,
                    call.Buffer, call.Error));
                return call.Read(HostValue.Unpack)[0];
            }
        }

        /// <summary>Debits and credits of every asset in an entity, 0: in every entity; now, or as of another time.</summary>
        public TrialLine[] TrialBalance(uint entity = 0, AsOfOptions asOf = null)
        {
            RawAsOfOptions when = AsOf(asOf);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(asOf == null
                    ? Native.qenex_trial_balance(call.Handle, entity, call.Buffer, call.Error)
                    : Native.qenex_trial_balance_as_of(call.Handle, entity, &when, call.Buffer, call.Error));
                return call.Read(TrialLine.Unpack);
            }
        }

        /// <summary>A page of a trial balance by account, in the order of opening.</summary>
        public TrialAccount[] ListTrialAccounts(TrialOptions options)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = Batch.OfOne(options ?? new TrialOptions()))
            fixed (byte* records = batch.Records)
            {
                call.Check(Native.qenex_trial_accounts_list(call.Handle, (RawTrialOptions*)records, call.Buffer, call.Error));
                return call.Read(TrialAccount.Unpack);
            }
        }

        /// <summary>All business calendars.</summary>
        public CalendarRecord[] ListCalendars()
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_calendars_list(call.Handle, call.Buffer, call.Error));
                return call.Read(CalendarRecord.Unpack);
            }
        }

        /// <summary>The first business day after a day in the calendar of an entity.</summary>
        public Date BusinessDayAfter(Date day, uint entity = 0)
        {
            int number;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_business_day_after(call.Handle, entity, day.Number, &number, call.Error));
            }
            return Date.FromNumber(number);
        }

        /// <summary>The closes of booking periods, oldest first.</summary>
        public PeriodRecord[] ListPeriods(uint entity = 0)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_periods_list(call.Handle, entity, call.Buffer, call.Error));
                return call.Read(PeriodRecord.Unpack);
            }
        }

        /// <summary>The balances of an account on each sealed day: as sealed, and as known now.</summary>
        public SealedBalance[] ListSealedBalances(Guid account, uint asset, Date first, Date last)
        {
            RawId id = Wire.FromGuid(account);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_sealed_balances_list(call.Handle, &id, asset, first.Number, last.Number, call.Buffer,
                    call.Error));
                return call.Read(SealedBalance.Unpack);
            }
        }

        /// <summary>Postings that reached into days that were sealed or closed, oldest first.</summary>
        public Correction[] ListCorrections(uint entity = 0, ulong after = 0, uint limit = 0)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_corrections_list(call.Handle, entity, after, limit, call.Buffer, call.Error));
                return call.Read(Correction.Unpack);
            }
        }

        /// <summary>Scheduled transfers, oldest first.</summary>
        public ScheduleRecord[] ListSchedules(uint entity = 0, bool waitingOnly = false, ulong after = 0, uint limit = 0)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_schedules_list(call.Handle, entity, waitingOnly ? 1u : 0u, after, limit, call.Buffer,
                    call.Error));
                return call.Read(ScheduleRecord.Unpack);
            }
        }

        /// <summary>One transfer per id; an unknown one has <see cref="Status.ItemNotFound"/>.</summary>
        public TransferRecord[] GetTransfers(IEnumerable<Guid> ids)
        {
            RawId[] raw = Ids(ids);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (RawId* from = raw)
            {
                call.Check(Native.qenex_transfers_get(call.Handle, from, (UIntPtr)raw.Length, call.Buffer, call.Error));
                return call.Read(TransferRecord.Unpack);
            }
        }

        /// <summary>The legs of a transaction in the order of posting.</summary>
        public TransferRecord[] GetTransaction(Guid id)
        {
            RawId raw = Wire.FromGuid(id);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_transaction_get(call.Handle, &raw, call.Buffer, call.Error));
                return call.Read(TransferRecord.Unpack);
            }
        }

        /// <summary>The transfers with a reference, end-to-end or other, oldest first; none is no error.</summary>
        public TransferRecord[] TransfersByReference(string reference)
        {
            byte[] bytes = Wire.Bytes(reference, "reference");
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (byte* from = bytes)
            {
                call.Check(Native.qenex_transfers_by_reference(call.Handle, from, (UIntPtr)bytes.Length, call.Buffer,
                    call.Error));
                return call.Read(TransferRecord.Unpack);
            }
        }

        /// <summary>The transfers that a filter lets through, oldest first. A page may be short, or empty, and have a cursor all
        /// the same: go on with it and the same filter.</summary>
        public Page<TransferRecord> FindTransfers(TransferFilter filter)
        {
            if (filter == null)
            {
                throw new ArgumentNullException("filter");
            }
            byte[] reference = Wire.Bytes(filter.Reference, "reference");
            byte[] cursor = filter.Cursor ?? Nothing;
            RawTransferFilter raw = default(RawTransferFilter);
            raw.struct_size = (uint)sizeof(RawTransferFilter);
            raw.limit = filter.Limit;
            raw.account = Wire.FromGuid(filter.Account);
            raw.user_data_64 = filter.UserData64;
            raw.after = filter.After;
            raw.up_to = filter.UpTo;
            raw.amount_from = filter.AmountFrom;
            raw.amount_to = filter.AmountTo;
            raw.asset = filter.Asset;
            raw.code = filter.Code;
            raw.user_data_32 = filter.UserData32;
            raw.booked_from = Wire.FromDate(filter.BookedFrom);
            raw.booked_to = Wire.FromDate(filter.BookedTo);
            raw.value_from = Wire.FromDate(filter.ValueFrom);
            raw.value_to = Wire.FromDate(filter.ValueTo);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (byte* first = reference, second = cursor)
            {
                raw.reference = first;
                raw.reference_len = (UIntPtr)reference.Length;
                raw.cursor = second;
                raw.cursor_len = (UIntPtr)cursor.Length;
                call.Check(Native.qenex_transfers_find(call.Handle, &raw, call.Buffer, call.Error));
                return call.ReadPage(TransferRecord.Unpack);
            }
        }

        /// <summary>A page of the statement of an account in the key's asset, the newest posting first unless the options say
        /// otherwise. The cursor is bound to the state that the first page saw, so later postings do not shift it.</summary>
        public Page<StatementLine> GetStatement(AccountKey account, StatementOptions options = null)
        {
            StatementOptions given = options ?? new StatementOptions();
            byte[] cursor = given.Cursor ?? Nothing;
            RawStatementOptions raw = default(RawStatementOptions);
            raw.struct_size = (uint)sizeof(RawStatementOptions);
            raw.limit = given.Limit;
            raw.after = given.After;
            raw.up_to = given.UpTo;
            raw.flags = given.OldestFirst ? (uint)StatementFlags.OldestFirst : 0;
            raw.booked_from = Wire.FromDate(given.BookedFrom);
            raw.booked_to = Wire.FromDate(given.BookedTo);
            raw.value_from = Wire.FromDate(given.ValueFrom);
            raw.value_to = Wire.FromDate(given.ValueTo);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = One(account))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes, from = cursor)
            {
                raw.cursor = from;
                raw.cursor_len = (UIntPtr)cursor.Length;
                call.Check(Native.qenex_statement_get(call.Handle, (RawAccountKey*)records, batch.RecordSize, arena,
                    batch.ArenaLength, &raw, call.Buffer, call.Error));
                return call.ReadPage(StatementLine.Unpack);
            }
        }

        /// <summary>One hold per id; an unknown one has <see cref="Status.HoldUnknown"/>.</summary>
        public HoldRecord[] GetHolds(IEnumerable<Guid> ids)
        {
            RawId[] raw = Ids(ids);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (RawId* from = raw)
            {
                call.Check(Native.qenex_holds_get(call.Handle, from, (UIntPtr)raw.Length, call.Buffer, call.Error));
                return call.Read(HoldRecord.Unpack);
            }
        }

        /// <summary>The active holds against an account, oldest first.</summary>
        public HoldRecord[] ListHolds(Guid account, ulong after = 0, uint limit = 0)
        {
            RawId id = Wire.FromGuid(account);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_holds_list(call.Handle, &id, after, limit, call.Buffer, call.Error));
                return call.Read(HoldRecord.Unpack);
            }
        }

        /// <summary>The durable changes after a sequence number, in order and without gaps; empty: there are no newer ones yet.
        /// To resume, ask with the last sequence number that was dealt with.</summary>
        public FeedEntry[] ReadFeed(ulong after = 0, uint limit = 0)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_feed_read(call.Handle, after, limit, call.Buffer, call.Error));
                return call.Read(FeedEntry.Unpack);
            }
        }

        /// <summary>The sequence number of the newest durable change; 0 in a new file.</summary>
        public ulong GetSequence()
        {
            ulong sequence;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_sequence_get(call.Handle, &sequence, call.Error));
            }
            return sequence;
        }

        /// <summary>The sequence number of the last durable change up to a system time; 0: there was none.</summary>
        public ulong GetSequenceAt(DateTimeOffset time)
        {
            ulong sequence;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_sequence_at(call.Handle, Wire.FromTime(time), &sequence, call.Error));
            }
            return sequence;
        }

        private static Batch One(AccountKey key)
        {
            if (key == null)
            {
                throw new ArgumentNullException("key");
            }
            return Batch.OfOne(key);
        }

        private static RawAsOfOptions AsOf(AsOfOptions options)
        {
            RawAsOfOptions raw;
            ((IPacked)(options ?? new AsOfOptions())).Pack((byte*)&raw, null);
            return raw;
        }

        private static RawId[] Ids(IEnumerable<Guid> ids)
        {
            IList<Guid> listed = Listed(ids, "ids");
            RawId[] raw = new RawId[listed.Count];
            for (int i = 0; i < raw.Length; i++)
            {
                raw[i] = Wire.FromGuid(listed[i]);
            }
            return raw;
        }
    }
}
