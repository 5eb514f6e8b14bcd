// Handles of the library, which their finalizers give back, and Call: what every call into the library needs, its handle
// kept alive meanwhile, its error and its answer freed afterwards.
using System;
using System.Runtime.InteropServices;
using Qenex.Raw;

namespace Qenex
{
    internal abstract class LibraryHandle : SafeHandle
    {
        protected LibraryHandle(IntPtr handle)
            : base(IntPtr.Zero, true)
        {
            SetHandle(handle);
        }

        public override bool IsInvalid { get { return handle == IntPtr.Zero; } }

        /// <summary>What is closed, for the message.</summary>
        internal abstract string What { get; }

        /// <summary>The clock of the host that calls with this handle may ask; null: the system's.</summary>
        internal abstract ClockCallback Clock { get; }
    }

    internal sealed unsafe class EngineHandle : LibraryHandle
    {
        private readonly ClockCallback clock;

        internal EngineHandle(IntPtr handle, ClockCallback clock)
            : base(handle)
        {
            this.clock = clock;
        }

        internal override ClockCallback Clock { get { return clock; } }

        internal override string What { get { return "engine"; } }

        protected override bool ReleaseHandle()
        {
            return Native.qenex_close(handle, null) >= 0;
        }
    }

    internal sealed class SessionHandle : LibraryHandle
    {
        private readonly EngineHandle engine;

        internal SessionHandle(IntPtr handle, EngineHandle engine)
            : base(handle)
        {
            this.engine = engine;
        }

        internal override string What { get { return "session"; } }

        internal override ClockCallback Clock { get { return engine.Clock; } }

        protected override bool ReleaseHandle()
        {
            Native.qenex_session_free(handle);
            return true;
        }
    }

    internal sealed class BufferHandle : LibraryHandle
    {
        internal BufferHandle(IntPtr handle)
            : base(handle)
        {
        }

        internal override string What { get { return "buffer"; } }

        internal override ClockCallback Clock { get { return null; } }

        protected override bool ReleaseHandle()
        {
            Native.qenex_buffer_free(handle);
            return true;
        }
    }

    /// <summary>Makes a record's class of its bytes.</summary>
    internal unsafe delegate T Unpack<T>(byte* at, ArenaView arena);

    /// <summary>One call, from before to after: <c>using (var call = new Call(handle, slots))</c>. The two slots lie on the
    /// caller's stack and receive the error and the buffer.</summary>
    internal readonly unsafe struct Call : IDisposable
    {
        private readonly LibraryHandle owner;
        private readonly IntPtr* slots;

        /// <summary>A call without a handle, of LibraryCalls.</summary>
        internal Call(IntPtr* slots)
        {
            owner = null;
            this.slots = slots;
            slots[0] = IntPtr.Zero;
            slots[1] = IntPtr.Zero;
        }

        internal Call(LibraryHandle owner, IntPtr* slots)
        {
            this.owner = owner;
            this.slots = slots;
            slots[0] = IntPtr.Zero;
            slots[1] = IntPtr.Zero;
            ClockCallback clock = owner.Clock;
            if (clock != null)
            {
                clock.Ask();
            }
            bool added = false;
            try
            {
                owner.DangerousAddRef(ref added);
            }
            catch (ObjectDisposedException error)
            {
                throw new QenexException(Status.InvalidHandle, "the " + owner.What + " is closed: open another one", null, 0,
                    error);
            }
        }

        internal IntPtr Handle { get { return owner.DangerousGetHandle(); } }

        internal IntPtr* Error { get { return slots; } }

        internal IntPtr* Buffer { get { return slots + 1; } }

        /// <summary>Throws when the status is negative.</summary>
        internal int Check(int status)
        {
            if (status >= 0)
            {
                return status;
            }
            IntPtr error = slots[0];
            slots[0] = IntPtr.Zero;
            return Library.Check(status, error);
        }

        /// <summary>All records of the answer.</summary>
        internal T[] Read<T>(Unpack<T> unpack)
        {
            using (BufferHandle buffer = TakeBuffer())
            {
                return Read(buffer, unpack);
            }
        }

        /// <summary>All records of the answer, and the cursor behind the last.</summary>
        internal Page<T> ReadPage<T>(Unpack<T> unpack)
        {
            byte[] cursor = ReadCursor();
            return new Page<T>(Read(unpack), cursor);
        }

        /// <summary>The cursor behind the answer, which is not taken yet; null: there is no more.</summary>
        internal byte[] ReadCursor()
        {
            UIntPtr length;
            byte* cursor = Native.qenex_buffer_cursor(slots[1], &length);
            return cursor == null ? null : Wire.ToBytes(cursor, (long)length);
        }

        /// <summary>The arena of the answer as one text.</summary>
        internal string ReadText()
        {
            using (BufferHandle buffer = TakeBuffer())
            {
                ArenaView arena = Arena(buffer);
                return Wire.ToText(arena.Start, arena.Length);
            }
        }

        /// <summary>Finished batches with their results.</summary>
        internal Completion[] ReadCompletions()
        {
            using (BufferHandle buffer = TakeBuffer())
            {
                UIntPtr count;
                Result* results = (Result*)Native.qenex_buffer_results(buffer.DangerousGetHandle(), &count);
                // A lambda cannot hold a pointer that came from `&`, but an IntPtr.
                IntPtr first = (IntPtr)results;
                return Read(buffer, (at, arena) => Completion.Unpack(at, arena, (Result*)first));
            }
        }

        public void Dispose()
        {
            if (slots[0] != IntPtr.Zero)
            {
                Native.qenex_error_free(slots[0]);
            }
            if (slots[1] != IntPtr.Zero)
            {
                Native.qenex_buffer_free(slots[1]);
            }
            if (owner != null)
            {
                if (owner.Clock != null)
                {
                    ClockCallback.Forget();
                }
                owner.DangerousRelease();
            }
        }

        private BufferHandle TakeBuffer()
        {
            BufferHandle buffer = new BufferHandle(slots[1]);
            slots[1] = IntPtr.Zero;
            return buffer;
        }

        private static ArenaView Arena(BufferHandle buffer)
        {
            UIntPtr length;
            byte* start = Native.qenex_buffer_arena(buffer.DangerousGetHandle(), &length);
            return new ArenaView { Start = start, Length = (long)length };
        }

        private static T[] Read<T>(BufferHandle buffer, Unpack<T> unpack)
        {
            IntPtr handle = buffer.DangerousGetHandle();
            T[] rows = new T[checked((int)Native.qenex_buffer_count(handle))];
            long size = (long)Native.qenex_buffer_record_size(handle);
            byte* records = (byte*)Native.qenex_buffer_records(handle);
            ArenaView arena = Arena(buffer);
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = unpack(records + i * size, arena);
            }
            return rows;
        }
    }
}
