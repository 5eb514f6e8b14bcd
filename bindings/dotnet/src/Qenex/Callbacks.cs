// Functions of the host that the library calls. They are kept under a number until the library says that it will not call
// them again; no exception leaves them, because there is nobody below to catch it.
using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Qenex.Raw;

namespace Qenex
{
    /// <summary>A message of the engine's log.</summary>
    public sealed class LogMessage
    {
        internal LogMessage(LogLevel level, string target, string text)
        {
            Level = level;
            Target = target;
            Text = text;
        }

        /// <summary>How grave it is.</summary>
        public LogLevel Level { get; private set; }

        /// <summary>The part of the engine that speaks.</summary>
        public string Target { get; private set; }

        /// <summary>What it says.</summary>
        public string Text { get; private set; }
    }

    internal static unsafe class Callbacks
    {
        private static readonly ConcurrentDictionary<long, object> Kept = new ConcurrentDictionary<long, object>();
        private static long last;

        // The delegates live as long as the process: what the library holds is a pointer into them.
        private static readonly RawDestroyFunction DestroyFunction = Destroy;
        private static readonly RawLogFunction LogFunction = Log;
        private static readonly RawClockFunction ClockFunction = Tell;
        private static readonly RawProgressFunction ProgressFunction = Progress;
        private static readonly RawCompletionFunction CompletionFunction = Complete;

        internal static readonly IntPtr DestroyPointer = Marshal.GetFunctionPointerForDelegate(DestroyFunction);
        internal static readonly IntPtr LogPointer = Marshal.GetFunctionPointerForDelegate(LogFunction);
        internal static readonly IntPtr ClockPointer = Marshal.GetFunctionPointerForDelegate(ClockFunction);
        internal static readonly IntPtr ProgressPointer = Marshal.GetFunctionPointerForDelegate(ProgressFunction);
        internal static readonly IntPtr CompletionPointer = Marshal.GetFunctionPointerForDelegate(CompletionFunction);

        /// <summary>How many are kept; a test sees that each was given back.</summary>
        internal static int Count { get { return Kept.Count; } }

        internal static void* Keep(object callback)
        {
            long number = Interlocked.Increment(ref last);
            Kept[number] = callback;
            return (void*)number;
        }

        internal static void Forget(void* number)
        {
            object forgotten;
            Kept.TryRemove((long)number, out forgotten);
        }

        private static T Find<T>(void* number) where T : class
        {
            object found;
            return Kept.TryGetValue((long)number, out found) ? found as T : null;
        }

        private static void Destroy(void* number)
        {
            SignalMask.Open();
            Forget(number);
        }

        private static void Log(void* number, uint level, byte* target, UIntPtr targetLength, byte* text, UIntPtr textLength)
        {
            SignalMask.Open();
            try
            {
                Action<LogMessage> log = Find<Action<LogMessage>>(number);
                if (log != null)
                {
                    log(new LogMessage((LogLevel)level, Wire.ToText(target, (long)targetLength),
                        Wire.ToText(text, (long)textLength)));
                }
            }
            catch (Exception error)
            {
                Trace.TraceError("a log function of libqenex threw: " + error);
            }
        }

        private static long Tell(void* number)
        {
            SignalMask.Open();
            ClockCallback clock = Find<ClockCallback>(number);
            return clock == null ? long.MinValue : clock.Tell();
        }

        private static int Progress(void* number, ulong done, ulong total)
        {
            SignalMask.Open();
            ProgressCallback progress = Find<ProgressCallback>(number);
            return progress == null || progress.GoOn(done, total) ? 0 : 1;
        }

        private static void Complete(void* number, int status, RawResult* results, UIntPtr count, byte* message, UIntPtr length)
        {
            SignalMask.Open();
            CompletionCallback completion = Find<CompletionCallback>(number);
            if (completion != null)
            {
                completion.Complete(status, (Result*)results, (int)count, message, (long)length);
            }
        }
    }

    /// <summary>The clock of a host. A call asks it before it goes into the library, so that a clock that throws fails the call
    /// while nothing has been applied, and hands what it told to the library. Only what is evaluated on the library's own
    /// threads asks it there: when it throws then, time stands still, and the exception goes to
    /// <see cref="Trace"/>.</summary>
    internal sealed class ClockCallback
    {
        [ThreadStatic]
        private static ClockCallback asking;

        [ThreadStatic]
        private static ClockCallback answered;

        [ThreadStatic]
        private static long told;

        private readonly Func<DateTimeOffset> clock;

        internal ClockCallback(Func<DateTimeOffset> clock)
        {
            this.clock = clock;
        }

        /// <summary>Throws when the calling thread is inside of this clock.</summary>
        internal void RefuseReentry()
        {
            if (asking == this)
            {
                throw new QenexException(Status.Reentrant, "the clock function called its own engine: it may only tell the time",
                    null);
            }
        }

        /// <summary>Asks the clock for the call that the thread is about to make.</summary>
        internal void Ask()
        {
            RefuseReentry();
            ClockCallback before = asking;
            asking = this;
            try
            {
                told = Wire.FromTime(clock());
                answered = this;
            }
            catch (Exception error)
            {
                throw new QenexException(Status.InvalidArgument, "the clock function threw " + error.GetType().Name + ": "
                    + error.Message + ". Nothing was applied: repeat the call when the clock works", null, 0, error);
            }
            finally
            {
                asking = before;
            }
        }

        /// <summary>The call is over.</summary>
        internal static void Forget()
        {
            answered = null;
        }

        internal long Tell()
        {
            if (answered == this)
            {
                return told;
            }
            try
            {
                return Wire.FromTime(clock());
            }
            catch (Exception error)
            {
                Trace.TraceError("the clock function of libqenex threw, time stands still: " + error);
                return long.MinValue;
            }
        }
    }

    internal sealed class ProgressCallback
    {
        private readonly Func<ulong, ulong, bool> progress;

        internal ProgressCallback(Func<ulong, ulong, bool> progress)
        {
            this.progress = progress;
        }

        internal Exception Failure { get; private set; }

        internal bool GoOn(ulong done, ulong total)
        {
            try
            {
                return progress(done, total);
            }
            catch (Exception error)
            {
                Failure = error;
                return false;
            }
        }
    }

    /// <summary>Ends the task of a submitted batch. What continues the task runs elsewhere, so that the library's thread
    /// is free again at once.</summary>
    internal sealed unsafe class CompletionCallback
    {
        private readonly TaskCompletionSource<Result[]> source =
            new TaskCompletionSource<Result[]>(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<Result[]> Task { get { return source.Task; } }

        internal void Complete(int status, Result* results, int count, byte* message, long length)
        {
            try
            {
                if (status < 0)
                {
                    source.TrySetException(new QenexException((Status)status, Wire.ToText(message, length), null));
                    return;
                }
                source.TrySetResult(Completion.Copy(results, count));
            }
            catch (Exception error)
            {
                source.TrySetException(error);
            }
        }
    }

    /// <summary>What became of one batch that <see cref="Session.Submit"/> queued.</summary>
    public sealed unsafe class Completion
    {
        /// <summary>The number that the batch was queued under.</summary>
        public ulong Tag { get; private set; }

        /// <summary>What the blocking call would have returned.</summary>
        public Status Status { get; private set; }

        /// <summary>One result for each item, in order; none when the status is negative.</summary>
        public Result[] Results { get; private set; }

        /// <summary>What happened, when the status is negative.</summary>
        public string Message { get; private set; }

        internal static Completion Unpack(byte* at, ArenaView arena, Result* results)
        {
            RawCompletion* raw = (RawCompletion*)at;
            return new Completion
            {
                Tag = raw->tag,
                Status = (Status)raw->status,
                Results = Copy(results + raw->first_result, checked((int)raw->results)),
                Message = arena.Text(raw->message),
            };
        }

        internal static Result[] Copy(Result* results, int count)
        {
            Result[] copy = new Result[count];
            for (int i = 0; i < count; i++)
            {
                copy[i] = results[i];
            }
            return copy;
        }
    }
}
