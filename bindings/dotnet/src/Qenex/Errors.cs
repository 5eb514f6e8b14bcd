// What calls throw, and what statuses mean in words.
using System;
using Qenex.Raw;

namespace Qenex
{
    /// <summary>A call failed. Nothing of it was applied, unless the status is <see cref="Status.OutcomeUnknown"/>: then
    /// reopen, and repeat with the same ids.</summary>
    public class QenexException : Exception
    {
        internal QenexException(Status status, string explanation, int? item, int sqliteCode = 0, Exception cause = null)
            : base(Written(status, explanation, item), cause)
        {
            Status = status;
            Explanation = explanation;
            Item = item;
            SqliteCode = sqliteCode;
        }

        /// <summary>What went wrong.</summary>
        public Status Status { get; private set; }

        /// <summary>What happened, to what, and what to do; <see cref="Exception.Message"/> has the status and the item
        /// before it.</summary>
        public string Explanation { get; private set; }

        /// <summary>Index of the item of the batch that the error belongs to; null: to none.</summary>
        public int? Item { get; private set; }

        /// <summary>SQLite's extended result code; 0: it had no part in the error.</summary>
        public int SqliteCode { get; private set; }

        private static string Written(Status status, string explanation, int? item)
        {
            return status + (item.HasValue ? " (item " + item.Value + "): " : ": ") + explanation;
        }
    }

    /// <summary>A one-line call was refused, or <see cref="ResultExtensions.ThrowIfRefused"/> found a refused item.</summary>
    public sealed class RefusedException : QenexException
    {
        internal RefusedException(Status status, string explanation, int? item, Result result = default(Result))
            : base(status, explanation, item)
        {
            Result = result;
        }

        /// <summary>The result of the refused one-line call.</summary>
        public Result Result { get; private set; }
    }

    /// <summary>libqenex was not found, or it is not one that this package can use; the message says what to do.</summary>
    public sealed class LibraryException : Exception
    {
        internal LibraryException(string message, Exception cause)
            : base(message, cause)
        {
        }
    }

    /// <summary>What statuses mean.</summary>
    public static class StatusExtensions
    {
        /// <summary>The status's name in C, such as QENEX_INSUFFICIENT_FUNDS.</summary>
        public static string Name(this Status status)
        {
            Library.Load();
            return LibraryCalls.StatusName((int)status);
        }

        /// <summary>What the status means and what to do about it.</summary>
        public static string Explanation(this Status status)
        {
            Library.Load();
            return LibraryCalls.StatusExplanation((int)status);
        }

        /// <summary>Whether a refusal with this status is remembered: the same id gives the same answer for ever.</summary>
        public static bool IsFinal(this Status status)
        {
            return StatusTable.IsFinal(status);
        }
    }
}
