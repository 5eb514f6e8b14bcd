// What a session does in bulk: a batch is one commit, each item has its result, and an item that is refused throws
// nothing (ThrowIfRefused does). The same batches are queued by Submit and SubmitAsync.
using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Qenex.Raw;

namespace Qenex
{
    public sealed unsafe partial class Session
    {
        private delegate int Bulk(IntPtr session, byte* records, UIntPtr count, UIntPtr size, byte* arena, UIntPtr length,
            RawExecuteOptions* options, RawResult* results, IntPtr* error);

        /// <summary>Executes commands of any kind in order, in one commit. Items that are <see cref="Command.Linked"/> succeed
        /// or fail together with the next one.</summary>
        public Result[] Execute(IEnumerable<Command> commands, ExecuteOptions options = null)
        {
            using (Batch batch = Batch.OfCommands(Listed(commands, "commands")))
            {
                return Run(batch, options, (s, r, n, z, a, l, o, t, e) =>
                    Native.qenex_execute(s, (RawCommand*)r, n, z, a, l, o, t, e));
            }
        }

        /// <summary>Moves amounts between accounts.</summary>
        public Result[] CreateTransfers(IEnumerable<Transfer> transfers, ExecuteOptions options = null)
        {
            return Run(transfers, "transfers", sizeof(RawTransfer), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_transfers_create(s, (RawTransfer*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Reverses transfers, in whole or in part.</summary>
        public Result[] ReverseTransfers(IEnumerable<Reversal> reversals, ExecuteOptions options = null)
        {
            return Run(reversals, "reversals", sizeof(RawReversal), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_transfers_reverse(s, (RawReversal*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Sets amounts aside.</summary>
        public Result[] PlaceHolds(IEnumerable<Hold> holds, ExecuteOptions options = null)
        {
            return Run(holds, "holds", sizeof(RawHold), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_holds_place(s, (RawHold*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Adds to holds.</summary>
        public Result[] IncreaseHolds(IEnumerable<HoldIncrease> increases, ExecuteOptions options = null)
        {
            return Run(increases, "increases", sizeof(RawHoldIncrease), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_holds_increase(s, (RawHoldIncrease*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Turns holds, or parts of them, into transfers.</summary>
        public Result[] CaptureHolds(IEnumerable<HoldCapture> captures, ExecuteOptions options = null)
        {
            return Run(captures, "captures", sizeof(RawHoldCapture), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_holds_capture(s, (RawHoldCapture*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Gives back what is left of holds.</summary>
        public Result[] ReleaseHolds(IEnumerable<HoldRelease> releases, ExecuteOptions options = null)
        {
            return Run(releases, "releases", sizeof(RawHoldRelease), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_holds_release(s, (RawHoldRelease*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Creates legal entities; their numbers are in the results.</summary>
        public Result[] CreateEntities(IEnumerable<Entity> entities, ExecuteOptions options = null)
        {
            return Run(entities, "entities", sizeof(RawEntity), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_entities_create(s, (RawEntity*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Creates assets; their numbers are in the results.</summary>
        public Result[] CreateAssets(IEnumerable<Asset> assets, ExecuteOptions options = null)
        {
            return Run(assets, "assets", sizeof(RawAsset), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_assets_create(s, (RawAsset*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Opens accounts; their numbers are in the results.</summary>
        public Result[] OpenAccounts(IEnumerable<Account> accounts, ExecuteOptions options = null)
        {
            return Run(accounts, "accounts", sizeof(RawAccount), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_accounts_open(s, (RawAccount*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Gives accounts external numbers, or ends them.</summary>
        public Result[] SetAccountNumbers(IEnumerable<AccountNumber> numbers, ExecuteOptions options = null)
        {
            return Run(numbers, "numbers", sizeof(RawAccountNumber), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_account_numbers_set(s, (RawAccountNumber*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Sets or lifts debit and credit blocks.</summary>
        public Result[] SetAccountBlocks(IEnumerable<AccountBlock> blocks, ExecuteOptions options = null)
        {
            return Run(blocks, "blocks", sizeof(RawAccountBlock), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_account_blocks_set(s, (RawAccountBlock*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Sets or lifts limits.</summary>
        public Result[] SetAccountLimits(IEnumerable<AccountLimit> limits, ExecuteOptions options = null)
        {
            return Run(limits, "limits", sizeof(RawAccountLimit), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_account_limits_set(s, (RawAccountLimit*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Closes accounts that are empty.</summary>
        public Result[] CloseAccounts(IEnumerable<AccountClose> accounts, ExecuteOptions options = null)
        {
            return Run(accounts, "accounts", sizeof(RawAccountClose), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_accounts_close(s, (RawAccountClose*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Brings dormant accounts back to life.</summary>
        public Result[] ReactivateAccounts(IEnumerable<Reactivation> reactivations, ExecuteOptions options = null)
        {
            return Run(reactivations, "reactivations", sizeof(RawReactivation), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_accounts_reactivate(s, (RawReactivation*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Links owners to accounts, or ends links.</summary>
        public Result[] SetAccountOwners(IEnumerable<AccountOwner> owners, ExecuteOptions options = null)
        {
            return Run(owners, "owners", sizeof(RawAccountOwner), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_account_owners_set(s, (RawAccountOwner*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Moves business dates forward.</summary>
        public Result[] RollBusinessDates(IEnumerable<BusinessDate> dates, ExecuteOptions options = null)
        {
            return Run(dates, "dates", sizeof(RawBusinessDate), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_business_dates_roll(s, (RawBusinessDate*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Forbids booking dates up to a day.</summary>
        public Result[] ClosePeriods(IEnumerable<PeriodClose> periods, ExecuteOptions options = null)
        {
            return Run(periods, "periods", sizeof(RawPeriodClose), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_periods_close(s, (RawPeriodClose*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Writes or deletes records of the host's own, in the same commit as money where they share a batch.</summary>
        public Result[] PutHostRecords(IEnumerable<HostRecord> records, ExecuteOptions options = null)
        {
            return Run(records, "records", sizeof(RawHostRecord), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_host_records_put(s, (RawHostRecord*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Defines business calendars, or replaces them whole; their numbers are in the results.</summary>
        public Result[] SetCalendars(IEnumerable<Calendar> calendars, ExecuteOptions options = null)
        {
            return Run(calendars, "calendars", sizeof(RawCalendar), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_calendars_set(s, (RawCalendar*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Sets the rules of entities: their calendar, and when a customer's account becomes dormant.</summary>
        public Result[] SetEntityRules(IEnumerable<EntityRules> rules, ExecuteOptions options = null)
        {
            return Run(rules, "rules", sizeof(RawEntityRules), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_entity_rules_set(s, (RawEntityRules*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Schedules transfers for days to come.</summary>
        public Result[] ScheduleTransfers(IEnumerable<Schedule> schedules, ExecuteOptions options = null)
        {
            return Run(schedules, "schedules", sizeof(RawSchedule), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_transfers_schedule(s, (RawSchedule*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Takes scheduled transfers back that still wait.</summary>
        public Result[] CancelSchedules(IEnumerable<ScheduleCancel> cancellations, ExecuteOptions options = null)
        {
            return Run(cancellations, "cancellations", sizeof(RawScheduleCancel), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_schedules_cancel(s, (RawScheduleCancel*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Seals a portion of the balances of days that are over; <see cref="EndDay"/> does it to the end.</summary>
        public Result[] SealDayPortions(IEnumerable<DayEnd> portions, ExecuteOptions options = null)
        {
            return Run(portions, "portions", sizeof(RawDayEnd), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_day_end_portions(s, (RawDayEnd*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Closes a portion of the income and expense accounts; <see cref="EndYear"/> does it to the end.</summary>
        public Result[] CloseYearPortions(IEnumerable<YearEnd> portions, ExecuteOptions options = null)
        {
            return Run(portions, "portions", sizeof(RawYearEnd), options, (s, r, n, z, a, l, o, t, e) =>
                Native.qenex_year_end_portions(s, (RawYearEnd*)r, n, z, a, l, o, t, e));
        }

        /// <summary>Seals a day of an entity to its end, portion accounts a commit (0: the default); calling again goes on where
        /// it stood. The result says why a day was refused.</summary>
        public Result EndDay(Date day, uint entity = 0, uint portion = 0)
        {
            RawResult result;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_day_end_run(call.Handle, entity, day.Number, portion, &result, call.Error));
            }
            return new Result(result);
        }

        /// <summary>Closes the income and expense accounts of an entity through a day into the equity account with the number
        /// retained. code: the transaction code of the postings.</summary>
        public Result EndYear(Date through, string retained, uint entity = 0, uint code = 0)
        {
            byte[] number = Wire.Bytes(retained, "retained");
            RawResult result;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (byte* from = number)
            {
                call.Check(Native.qenex_year_end_run(call.Handle, entity, through.Number, from, (UIntPtr)number.Length, code,
                    &result, call.Error));
            }
            return new Result(result);
        }

        /// <summary>Rolls the business date to the next business day of the entity's calendar.</summary>
        public Result NextBusinessDate(uint entity = 0)
        {
            RawResult result;
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_business_date_next(call.Handle, entity, &result, call.Error));
            }
            return new Result(result);
        }

        /// <summary>Advances time: holds expire, business dates that follow the clock move.</summary>
        public Result AdvanceTime(DateTimeOffset to, ExecuteOptions options = null)
        {
            RawResult result;
            RawExecuteOptions raw = ExecuteOptions.Raw(options);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_time_advance_to(call.Handle, Wire.FromTime(to), &raw, &result, call.Error));
            }
            return new Result(result);
        }

        /// <summary>Queues a batch and returns at once; what became of it comes from <see cref="Engine.Collect"/> under the same
        /// tag. Throws with <see cref="Status.Busy"/> when the queue is full.</summary>
        public void Submit(IEnumerable<Command> commands, ulong tag, ExecuteOptions options = null)
        {
            RawExecuteOptions raw = ExecuteOptions.Raw(options);
            IntPtr* slots = stackalloc IntPtr[2];
            CommandKind kind;
            using (Call call = new Call(handle, slots))
            using (Batch batch = Queued(commands, out kind))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
            {
                call.Check(Native.qenex_submit(call.Handle, (uint)kind, records, batch.Number, batch.RecordSize, arena,
                    batch.ArenaLength, &raw, tag, call.Error));
            }
        }

        /// <summary>Queues a batch; the task ends with its results when it is durable, or fails with the
        /// <see cref="QenexException"/> that the blocking call would throw, <see cref="Status.Busy"/> when the queue is full.
        /// One thread of the library ends all tasks of an engine, so that no thread waits for each. A batch that is queued
        /// is not taken back: the token only keeps it from being queued.</summary>
        public Task<Result[]> SubmitAsync(IEnumerable<Command> commands, ExecuteOptions options = null,
            CancellationToken cancellation = default(CancellationToken))
        {
            if (cancellation.IsCancellationRequested)
            {
                return Failed(source => source.TrySetCanceled());
            }
            CompletionCallback completion = new CompletionCallback();
            try
            {
                SubmitNotify(commands, options, completion);
            }
            catch (QenexException error)
            {
                return Failed(source => source.TrySetException(error));
            }
            return completion.Task;
        }

        private void SubmitNotify(IEnumerable<Command> commands, ExecuteOptions options, CompletionCallback completion)
        {
            RawExecuteOptions raw = ExecuteOptions.Raw(options);
            IntPtr* slots = stackalloc IntPtr[2];
            CommandKind kind;
            using (Call call = new Call(handle, slots))
            using (Batch batch = Queued(commands, out kind))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
            {
                call.Check(Native.qenex_submit_notify(call.Handle, (uint)kind, records, batch.Number, batch.RecordSize, arena,
                    batch.ArenaLength, &raw, Callbacks.CompletionPointer, Callbacks.Keep(completion), Callbacks.DestroyPointer,
                    call.Error));
            }
        }

        private static Task<Result[]> Failed(Action<TaskCompletionSource<Result[]>> fail)
        {
            TaskCompletionSource<Result[]> source = new TaskCompletionSource<Result[]>();
            fail(source);
            return source.Task;
        }

        /// <summary>A batch of one kind as that kind's records, any other as a mixed one.</summary>
        private static Batch Queued(IEnumerable<Command> commands, out CommandKind kind)
        {
            IList<Command> listed = Listed(commands, "commands");
            kind = CommandKind.Mixed;
            for (int i = 0; i < listed.Count; i++)
            {
                CommandKind found = listed[i] == null ? CommandKind.Mixed : listed[i].CommandKind;
                if (i > 0 && found != kind)
                {
                    kind = CommandKind.Mixed;
                    break;
                }
                kind = found;
            }
            return kind == CommandKind.Mixed ? Batch.OfCommands(listed) : Batch.Of(listed, "commands", 0);
        }

        private Result[] Run<T>(IEnumerable<T> items, string what, int recordSize, ExecuteOptions options, Bulk function)
            where T : class, IPacked
        {
            using (Batch batch = Batch.Of(Listed(items, what), what, recordSize))
            {
                return Run(batch, options, function);
            }
        }

        private Result[] Run(Batch batch, ExecuteOptions options, Bulk function)
        {
            Result[] results = new Result[batch.Count];
            RawExecuteOptions raw = ExecuteOptions.Raw(options);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
            fixed (Result* to = results)
            {
                // A Result is nothing but the C record: the library fills the array itself.
                call.Check(function(call.Handle, records, batch.Number, batch.RecordSize, arena, batch.ArenaLength, &raw,
                    (RawResult*)to, call.Error));
            }
            return results;
        }
    }
}
