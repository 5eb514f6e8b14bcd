// Engines: an open database and its upkeep. Closing goes to the library at once, also while other threads call: they get
// Status.Closed. An engine that nobody closes is closed by the finalizer of its handle.
using System;
using System.Collections.Generic;
using System.Runtime.ExceptionServices;
using System.Threading;
using Qenex.Raw;

namespace Qenex
{
    /// <summary>How an engine is opened. Only the path has no default; 0 is the default everywhere.</summary>
    public sealed class EngineOptions
    {
        /// <summary>Path of the file; empty with <see cref="OpenFlags.Memory"/>.</summary>
        public string Path { get; set; }

        /// <summary>Read only, must exist, in memory.</summary>
        public OpenFlags Flags { get; set; }

        /// <summary>What survives; the default survives power loss.</summary>
        public Durability Durability { get; set; }

        /// <summary>Readers at the same time; 0: 16.</summary>
        public uint MaxReaders { get; set; }

        /// <summary>Memory for cached accounts and balances, in bytes; 0: 128 MiB.</summary>
        public ulong CacheBytes { get; set; }

        /// <summary>Memory for the filters of the index of keys, in bytes; 0: 64 MiB.</summary>
        public ulong FilterBytes { get; set; }

        /// <summary>SQLite's page cache of the writer in KiB; 0: 16384.</summary>
        public uint PageCacheKib { get; set; }

        /// <summary>Batches that may be submitted and not done; 0: 64.</summary>
        public uint QueueCapacity { get; set; }

        /// <summary>Bytes of the write-ahead log after which it is moved into the file; 0: 16 MiB.</summary>
        public ulong CheckpointBytes { get; set; }

        /// <summary>Bytes of the write-ahead log after which commits are refused because a reader keeps it from being moved;
        /// 0: 1 GiB.</summary>
        public ulong WalLimitBytes { get; set; }

        /// <summary>How long to wait for a lock or a free reader, in milliseconds; 0: 5000.</summary>
        public uint BusyTimeoutMs { get; set; }

        /// <summary>Changes that opening after a kill replays at most, roughly; 0: 262144.</summary>
        public uint ReplayLimit { get; set; }

        /// <summary>How long a query, backup or check may read before the next commit ends it, in milliseconds; 0: an hour.</summary>
        public uint ReaderAgeLimitMs { get; set; }

        /// <summary>Log messages up to this level; 0: <see cref="LogLevel.Info"/>.</summary>
        public LogLevel LogLevel { get; set; }

        /// <summary>Receives log messages, from any thread, one at a time. It must not use the engine and must return soon.
        /// What it throws goes to <see cref="System.Diagnostics.Trace"/>.</summary>
        public Action<LogMessage> Log { get; set; }

        /// <summary>Tells the time, in place of the system's clock. Any thread may call it, several at once; it must not use
        /// the engine. It is asked before a call goes into the library: when it throws, the call fails with
        /// <see cref="Status.InvalidArgument"/> and its exception as the inner one, and nothing was applied. While a
        /// submitted batch is evaluated it is asked again; when it throws there, time stands still, and the exception goes to
        /// <see cref="System.Diagnostics.Trace"/>.</summary>
        public Func<DateTimeOffset> Clock { get; set; }
    }

    /// <summary>An open database. Any thread may use it, many at once. Close it with <see cref="Close"/> or
    /// <c>using</c>.</summary>
    public sealed unsafe class Engine : IDisposable
    {
        private readonly EngineHandle handle;
        private int closed;

        /// <summary>Opens a database file, and creates it where there is none.</summary>
        public Engine(string path)
            : this(new EngineOptions { Path = path })
        {
        }

        /// <summary>Opens a database.</summary>
        public Engine(EngineOptions options)
        {
            if (options == null)
            {
                throw new ArgumentNullException("options");
            }
            byte[] path = Wire.Bytes(options.Path, "path");
            Library.Load();
            ClockCallback clock = options.Clock == null ? null : new ClockCallback(options.Clock);
            if (clock != null)
            {
                clock.Ask();
            }
            RawOptions raw = Numbers(options);
            if (options.Log != null)
            {
                raw.log = Callbacks.LogPointer;
                raw.log_user_data = Callbacks.Keep(options.Log);
                raw.log_destroy = Callbacks.DestroyPointer;
            }
            if (clock != null)
            {
                raw.clock = Callbacks.ClockPointer;
                raw.clock_user_data = Callbacks.Keep(clock);
                raw.clock_destroy = Callbacks.DestroyPointer;
            }
            try
            {
                handle = new EngineHandle(LibraryCalls.Open(path, raw), clock);
            }
            finally
            {
                ClockCallback.Forget();
            }
        }

        /// <summary>A database in memory, for tests and trials.</summary>
        public static Engine InMemory()
        {
            return new Engine(new EngineOptions { Flags = OpenFlags.Memory });
        }

        internal EngineHandle Handle { get { return handle; } }

        /// <summary>A session: principal is who acts in every command of it (a user, a service), onBehalfOf for whom. Both are
        /// in the audit record of each change.</summary>
        public Session OpenSession(string principal, string onBehalfOf = "")
        {
            return new Session(this, principal, onBehalfOf);
        }

        /// <summary>Closes the file: what is queued is finished, the lock is released. Again does nothing. Sessions of the
        /// engine fail with <see cref="Status.Closed"/> from then on.</summary>
        public void Close()
        {
            if (handle.Clock != null)
            {
                handle.Clock.RefuseReentry();
            }
            if (Interlocked.Exchange(ref closed, 1) != 0)
            {
                return;
            }
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(slots))
            {
                int status = Native.qenex_close(handle.DangerousGetHandle(), call.Error);
                if (status == (int)Status.Reentrant || status == (int)Status.Forked)
                {
                    // The only two that leave the engine as it was.
                    closed = 0;
                }
                else
                {
                    handle.SetHandleAsInvalid();
                }
                call.Check(status);
            }
        }

        /// <summary>Closes the engine, as <see cref="Close"/>.</summary>
        public void Dispose()
        {
            Close();
        }

        /// <summary>Waits until a batch of <see cref="Session.Submit"/> is done, at most so many milliseconds, and gives up to
        /// max of them, each once. Throws with <see cref="Status.TimedOut"/> when none was done in time.</summary>
        public Completion[] Collect(uint timeoutMs, int max = 64)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                // A negative number becomes one that the library refuses.
                call.Check(Native.qenex_collect(call.Handle, timeoutMs, (UIntPtr)unchecked((uint)max), call.Buffer, call.Error));
                return call.ReadCompletions();
            }
        }

        /// <summary>Applies changes that another file's <see cref="Session.ReadFeed"/> gave to this one, which is empty or was
        /// filled in this way alone. Changes that are here already are passed over.</summary>
        public void ApplyFeed(IEnumerable<FeedEntry> entries)
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            using (Batch batch = Batch.Of(Session.Listed(entries, "entries"), "entries", sizeof(RawFeedEntry)))
            fixed (byte* records = batch.Records, arena = batch.ArenaBytes)
            {
                call.Check(Native.qenex_feed_apply(call.Handle, (RawFeedEntry*)records, batch.Number, batch.RecordSize, arena,
                    batch.ArenaLength, call.Error));
            }
        }

        /// <summary>The engine's figures.</summary>
        public Stats GetStats()
        {
            RawStats raw = default(RawStats);
            raw.struct_size = (uint)sizeof(RawStats);
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_stats_get(call.Handle, &raw, call.Error));
            }
            return Stats.Unpack((byte*)&raw, default(ArenaView));
        }

        /// <summary>Copies the file to a path that must not exist, while writing goes on; the copy is verified and durable when
        /// this returns. progress is told the pages done and in all; when it answers false, or throws, the copy is given
        /// up. It must not use the engine.</summary>
        public void Backup(string path, Func<ulong, ulong, bool> progress = null)
        {
            byte[] bytes = Wire.Bytes(path, "path");
            ProgressCallback told = progress == null ? null : new ProgressCallback(progress);
            void* number = told == null ? null : Callbacks.Keep(told);
            IntPtr* slots = stackalloc IntPtr[2];
            try
            {
                using (Call call = new Call(handle, slots))
                fixed (byte* from = bytes)
                {
                    int status = Native.qenex_backup(call.Handle, from, (UIntPtr)bytes.Length,
                        told == null ? IntPtr.Zero : Callbacks.ProgressPointer, number, call.Error);
                    if (told != null && told.Failure != null)
                    {
                        ExceptionDispatchInfo.Capture(told.Failure).Throw();
                    }
                    call.Check(status);
                }
            }
            finally
            {
                Callbacks.Forget(number);
            }
        }

        /// <summary>Checks the whole file: pages, balances, sums, sequence numbers. Gives what is wrong, in words; empty: all is
        /// well.</summary>
        public string[] CheckIntegrity()
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_integrity_check(call.Handle, call.Buffer, call.Error));
                return call.Read((at, arena) => arena.Text(*(RawText*)at));
            }
        }

        /// <summary>The SHA3-256 of the whole durable state, 32 bytes: equal for files with the same history.</summary>
        public byte[] GetStateHash()
        {
            byte[] hash = new byte[32];
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            fixed (byte* to = hash)
            {
                call.Check(Native.qenex_state_hash(call.Handle, to, call.Error));
            }
            return hash;
        }

        /// <summary>What a person who helps needs to know: versions, figures, sizes; no names, numbers, ids or amounts.</summary>
        public string GetSupportBundle()
        {
            IntPtr* slots = stackalloc IntPtr[2];
            using (Call call = new Call(handle, slots))
            {
                call.Check(Native.qenex_support_bundle(call.Handle, call.Buffer, call.Error));
                return call.ReadText();
            }
        }

        /// <summary>Makes a database at target, which must not exist, out of a backup, which is verified first.</summary>
        public static void Restore(string backup, string target)
        {
            byte[] source = Wire.Bytes(backup, "backup");
            byte[] place = Wire.Bytes(target, "target");
            Library.Load();
            LibraryCalls.Restore(source, place);
        }

        /// <summary>Brings a closed file to the format of this version; opening never does. dryRun: changes nothing and only
        /// answers. Take a backup first.</summary>
        public static FormatUpgrade Upgrade(string path, bool dryRun = false)
        {
            byte[] bytes = Wire.Bytes(path, "path");
            Library.Load();
            return LibraryCalls.Upgrade(bytes, dryRun);
        }

        /// <summary>Makes everything anew that a closed file keeps beside its truth rows (balances, posting marks, the index of
        /// keys), for a file of which one of these is damaged. All or nothing.</summary>
        public static void RebuildCaches(string path)
        {
            byte[] bytes = Wire.Bytes(path, "path");
            Library.Load();
            LibraryCalls.RebuildCaches(bytes);
        }

        private static RawOptions Numbers(EngineOptions options)
        {
            RawOptions raw = default(RawOptions);
            raw.struct_size = (uint)sizeof(RawOptions);
            raw.flags = (uint)options.Flags;
            raw.durability = (uint)options.Durability;
            raw.max_readers = options.MaxReaders;
            raw.cache_bytes = options.CacheBytes;
            raw.filter_bytes = options.FilterBytes;
            raw.page_cache_kib = options.PageCacheKib;
            raw.queue_capacity = options.QueueCapacity;
            raw.checkpoint_bytes = options.CheckpointBytes;
            raw.wal_limit_bytes = options.WalLimitBytes;
            raw.busy_timeout_ms = options.BusyTimeoutMs;
            raw.replay_limit = options.ReplayLimit;
            raw.reader_age_limit_ms = options.ReaderAgeLimitMs;
            raw.log_level = (uint)options.LogLevel;
            return raw;
        }
    }

    /// <summary>The formats of a file before and after an upgrade.</summary>
    public readonly struct FormatUpgrade
    {
        internal FormatUpgrade(uint before, uint after)
        {
            Before = before;
            After = after;
        }

        /// <summary>The format that the file had.</summary>
        public uint Before { get; }

        /// <summary>The format that it has now, or would have.</summary>
        public uint After { get; }
    }
}
