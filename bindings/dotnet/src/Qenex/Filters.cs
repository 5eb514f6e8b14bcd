// Which postings of a statement, and which transfers, a question is about. Nothing of them reaches the library but through
// SessionQueries.cs.
using System;

namespace Qenex
{
    /// <summary>Which part of a statement, and in which order. 0 and null: no bound, or the default.</summary>
    public sealed class StatementOptions
    {
        /// <summary>The oldest posting first, rather than the newest.</summary>
        public bool OldestFirst { get; set; }

        /// <summary>Most lines of the page, 1 to 10000; 0: 100.</summary>
        public uint Limit { get; set; }

        /// <summary>Only postings after this sequence number.</summary>
        public ulong After { get; set; }

        /// <summary>Only postings up to this sequence number; 0: all.</summary>
        public ulong UpTo { get; set; }

        /// <summary>First booking date.</summary>
        public Date? BookedFrom { get; set; }

        /// <summary>Last booking date.</summary>
        public Date? BookedTo { get; set; }

        /// <summary>First value date.</summary>
        public Date? ValueFrom { get; set; }

        /// <summary>Last value date.</summary>
        public Date? ValueTo { get; set; }

        /// <summary><see cref="Page{T}.Cursor"/> of the page before; null: the first page.</summary>
        public byte[] Cursor { get; set; }
    }

    /// <summary>Which transfers; all that is given must hold. 0, empty and null: whatever.</summary>
    public sealed class TransferFilter
    {
        /// <summary>The account that was debited or credited.</summary>
        public Guid Account { get; set; }

        /// <summary>A reference, end-to-end or other.</summary>
        public string Reference { get; set; }

        /// <summary>Number of the asset.</summary>
        public uint Asset { get; set; }

        /// <summary>Transaction code of the host's.</summary>
        public uint Code { get; set; }

        /// <summary>The host's number.</summary>
        public uint UserData32 { get; set; }

        /// <summary>The host's number.</summary>
        public ulong UserData64 { get; set; }

        /// <summary>Least amount in minor units.</summary>
        public long AmountFrom { get; set; }

        /// <summary>Greatest amount in minor units.</summary>
        public long AmountTo { get; set; }

        /// <summary>First booking date.</summary>
        public Date? BookedFrom { get; set; }

        /// <summary>Last booking date.</summary>
        public Date? BookedTo { get; set; }

        /// <summary>First value date.</summary>
        public Date? ValueFrom { get; set; }

        /// <summary>Last value date.</summary>
        public Date? ValueTo { get; set; }

        /// <summary>Only transfers after this sequence number.</summary>
        public ulong After { get; set; }

        /// <summary>Only transfers up to this sequence number; 0: all.</summary>
        public ulong UpTo { get; set; }

        /// <summary>Most transfers of the page, 1 to 10000; 0: 100.</summary>
        public uint Limit { get; set; }

        /// <summary><see cref="Page{T}.Cursor"/> of the page before; null: the first page.</summary>
        public byte[] Cursor { get; set; }
    }
}
