// A page of an answer.
using System.Collections;
using System.Collections.Generic;

namespace Qenex
{
    /// <summary>Records of one page, and the cursor that goes on behind them.</summary>
    public sealed class Page<T> : IReadOnlyList<T>
    {
        private readonly T[] rows;

        internal Page(T[] rows, byte[] cursor)
        {
            this.rows = rows;
            Cursor = cursor;
        }

        /// <summary>Give it, with the same options, to go on; null: this was the last page.</summary>
        public byte[] Cursor { get; private set; }

        /// <inheritdoc/>
        public int Count { get { return rows.Length; } }

        /// <inheritdoc/>
        public T this[int index] { get { return rows[index]; } }

        /// <inheritdoc/>
        public IEnumerator<T> GetEnumerator()
        {
            return ((IEnumerable<T>)rows).GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator()
        {
            return rows.GetEnumerator();
        }
    }
}
