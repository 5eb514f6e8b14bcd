// What a batch consists of, and how it is executed.
using System;
using Qenex.Raw;

namespace Qenex
{
    /// <summary>Something that changes the file: a transfer, a hold, an account to open. Its id or key makes it happen
    /// once however often it is repeated.</summary>
    public abstract unsafe class Command : IPacked
    {
        internal Command()
        {
        }

        /// <summary>Whether this item succeeds or fails together with the next one of the batch.</summary>
        public bool Linked { get; set; }

        internal abstract CommandKind CommandKind { get; }

        internal abstract int Size { get; }

        internal abstract void Pack(byte* at, Arena arena);

        internal uint LinkedBit { get { return Linked ? Limits.Linked : 0; } }

        int IPacked.Size { get { return Size; } }

        void IPacked.Pack(byte* at, Arena arena)
        {
            Pack(at, arena);
        }
    }

    /// <summary>How a batch is executed. null in place of it means all defaults.</summary>
    public sealed unsafe class ExecuteOptions
    {
        /// <summary>Time of the commands, never before that of earlier ones; null: the engine's clock. What is finer than a
        /// microsecond is cut off.</summary>
        public DateTimeOffset? Time { get; set; }

        /// <summary>Whether the batch is only tried: the results say what would happen, and nothing is kept.</summary>
        public bool DryRun { get; set; }

        /// <summary>A number of the host's own under which the log tells what became of the batch; empty: none.</summary>
        public Guid Trace { get; set; }

        internal static RawExecuteOptions Raw(ExecuteOptions options)
        {
            RawExecuteOptions raw = default(RawExecuteOptions);
            raw.struct_size = (uint)sizeof(RawExecuteOptions);
            if (options != null)
            {
                raw.flags = options.DryRun ? (uint)ExecuteFlags.DryRun : 0;
                raw.time = Wire.FromTime(options.Time);
                Wire.PutGuid(raw.trace, options.Trace);
            }
            return raw;
        }
    }

    /// <summary>What a program does with the results of a batch.</summary>
    public static class ResultExtensions
    {
        /// <summary>Throws <see cref="RefusedException"/> for the first item that was refused; gives the results otherwise.
        /// The other items of the batch are durable all the same, those of the item's linked chain excepted.</summary>
        public static Result[] ThrowIfRefused(this Result[] results)
        {
            if (results == null)
            {
                throw new ArgumentNullException("results");
            }
            for (int i = 0; i < results.Length; i++)
            {
                if (results[i].Status != Status.Ok)
                {
                    throw new RefusedException(results[i].Status, results[i].Status.Explanation(), i);
                }
            }
            return results;
        }
    }
}
