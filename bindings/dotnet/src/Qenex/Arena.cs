// The block of bytes that accompanies records: their texts lie in it by offset and length. Arena is filled by a batch
// on its way into the library, ArenaView reads the one of an answer, and Batch holds the records themselves.
using System;
using System.Collections.Generic;
using System.Text;
using Qenex.Raw;

namespace Qenex
{
    /// <summary>A record that a program fills.</summary>
    internal unsafe interface IPacked
    {
        int Size { get; }

        void Pack(byte* at, Arena arena);
    }

    /// <summary>Grows while records are packed; a thread uses the same one again and again.</summary>
    internal sealed unsafe class Arena
    {
        private const int Kept = 1 << 22;
        private const int MostBytes = (int)Limits.ArenaMax;
        private const string TooLong = "the texts of the batch exceed Limits.ArenaMax bytes: split the batch";

        internal byte[] Data = new byte[4096];
        internal int Length;

        /// <summary>Index of the record that is being packed; null where there is no batch.</summary>
        internal int? Item;

        internal void Clear()
        {
            Length = 0;
            Item = null;
            if (Data.Length > Kept)
            {
                Data = new byte[4096];
            }
        }

        internal RawText Put(string text, string field)
        {
            if (string.IsNullOrEmpty(text))
            {
                return default(RawText);
            }
            int start = Length;
            try
            {
                Reserve((long)text.Length * 3);
                Length += Wire.Utf8.GetBytes(text, 0, text.Length, Data, start);
            }
            catch (EncoderFallbackException error)
            {
                throw Wire.NotText(field, error, Item);
            }
            return At(start);
        }

        internal RawText Put(byte[] bytes, string field)
        {
            if (bytes == null || bytes.Length == 0)
            {
                return default(RawText);
            }
            int start = Length;
            Reserve(bytes.Length);
            Buffer.BlockCopy(bytes, 0, Data, start, bytes.Length);
            Length += bytes.Length;
            return At(start);
        }

        /// <summary>A list of texts: first each text, then where each of them lies.</summary>
        internal RawText Put(string[] texts, string field)
        {
            if (texts == null || texts.Length == 0)
            {
                return default(RawText);
            }
            RawText[] places = new RawText[texts.Length];
            for (int i = 0; i < texts.Length; i++)
            {
                places[i] = Put(texts[i], field);
            }
            fixed (RawText* from = places)
            {
                return PutRaw((byte*)from, places.Length * sizeof(RawText));
            }
        }

        /// <summary>Days as the numbers that a calendar holds.</summary>
        internal RawText Put(Date[] dates, string field)
        {
            if (dates == null || dates.Length == 0)
            {
                return default(RawText);
            }
            int[] numbers = new int[dates.Length];
            for (int i = 0; i < dates.Length; i++)
            {
                numbers[i] = dates[i].Number;
            }
            fixed (int* from = numbers)
            {
                return PutRaw((byte*)from, numbers.Length * sizeof(int));
            }
        }

        /// <summary>Records that belong to one item, such as the parts of a split, one after another.</summary>
        internal RawText PutRecords(IPacked[] records, string field)
        {
            if (records == null || records.Length == 0)
            {
                return default(RawText);
            }
            for (int i = 0; i < records.Length; i++)
            {
                if (records[i] == null)
                {
                    throw new QenexException(Status.NullPointer, field + "[" + i + "] is null", Item);
                }
            }
            int size = records[0].Size;
            byte[] packed = new byte[records.Length * size];
            fixed (byte* start = packed)
            {
                for (int i = 0; i < records.Length; i++)
                {
                    records[i].Pack(start + i * size, this);
                }
                return PutRaw(start, packed.Length);
            }
        }

        /// <summary>A whole record, for a mixed batch.</summary>
        internal RawText Put(Command command)
        {
            int size = command.Size;
            byte* record = stackalloc byte[(int)Limits.RecordSizeMax];
            command.Pack(record, this);
            return PutRaw(record, size);
        }

        private RawText PutRaw(byte* bytes, int count)
        {
            int start = Length;
            Reserve(count);
            fixed (byte* to = &Data[start])
            {
                Buffer.MemoryCopy(bytes, to, count, count);
            }
            Length += count;
            return At(start);
        }

        private RawText At(int start)
        {
            return new RawText { offset = (uint)start, length = (uint)(Length - start) };
        }

        private void Reserve(long more)
        {
            long needed = Length + more;
            if (needed <= Data.Length)
            {
                return;
            }
            // Three bytes for each character is more than most texts need: only what was really written counts.
            if (Length > MostBytes || needed > int.MaxValue / 2)
            {
                throw new QenexException(Status.BatchTooLarge, TooLong, Item);
            }
            Array.Resize(ref Data, (int)Math.Max(needed, Data.Length * 2L));
        }
    }

    /// <summary>The arena of an answer.</summary>
    internal unsafe struct ArenaView
    {
        internal byte* Start;
        internal long Length;

        internal string Text(RawText at)
        {
            return Wire.ToText(Checked(at), (long)at.length);
        }

        internal byte[] Bytes(RawText at)
        {
            return Wire.ToBytes(Checked(at), at.length);
        }

        internal string[] Texts(RawText at)
        {
            byte* places = Checked(at);
            string[] texts = new string[at.length / (uint)sizeof(RawText)];
            for (int i = 0; i < texts.Length; i++)
            {
                texts[i] = Text(((RawText*)places)[i]);
            }
            return texts;
        }

        internal Date[] Dates(RawText at)
        {
            byte* numbers = Checked(at);
            Date[] dates = new Date[at.length / sizeof(int)];
            for (int i = 0; i < dates.Length; i++)
            {
                dates[i] = Date.FromNumber(((int*)numbers)[i]);
            }
            return dates;
        }

        private byte* Checked(RawText at)
        {
            if ((long)at.offset + at.length > Length)
            {
                throw new QenexException(Status.ArenaRange, "an answer names bytes outside its arena", null);
            }
            return Start + at.offset;
        }
    }

    /// <summary>Records one after another with their arena, ready for one call.</summary>
    internal sealed unsafe class Batch : IDisposable
    {
        private const int Kept = 1 << 22;

        // One batch of a thread is kept with its memory; a callback that packs meanwhile gets another one.
        [ThreadStatic]
        private static Batch spare;

        private readonly Arena arena = new Arena();
        private byte[] records = new byte[4096];
        private int count;
        private int size;

        internal int Count { get { return count; } }

        internal UIntPtr Number { get { return (UIntPtr)(uint)count; } }

        internal UIntPtr RecordSize { get { return (UIntPtr)(uint)size; } }

        internal UIntPtr ArenaLength { get { return (UIntPtr)(uint)arena.Length; } }

        /// <summary>The records, to be fixed for the call.</summary>
        internal byte[] Records { get { return records; } }

        /// <summary>The arena, to be fixed for the call.</summary>
        internal byte[] ArenaBytes { get { return arena.Data; } }

        private static Batch Take()
        {
            Batch batch = spare ?? new Batch();
            spare = null;
            batch.arena.Clear();
            batch.count = 0;
            batch.size = 0;
            if (batch.records.Length > Kept)
            {
                batch.records = new byte[4096];
            }
            return batch;
        }

        public void Dispose()
        {
            spare = this;
        }

        /// <summary>Packs records of one type. emptySize: the record's size when there are none.</summary>
        internal static Batch Of<T>(IList<T> items, string what, int emptySize) where T : class, IPacked
        {
            Batch batch = Take();
            batch.Begin(items.Count, items.Count > 0 && items[0] != null ? items[0].Size : emptySize);
            for (int i = 0; i < items.Count; i++)
            {
                IPacked item = Present(items[i], what, i);
                batch.arena.Item = i;
                fixed (byte* at = &batch.records[i * batch.size])
                {
                    item.Pack(at, batch.arena);
                }
            }
            return batch;
        }

        /// <summary>One record without a batch around it.</summary>
        internal static Batch OfOne(IPacked item)
        {
            Batch batch = Take();
            batch.Begin(1, item.Size);
            fixed (byte* at = batch.records)
            {
                item.Pack(at, batch.arena);
            }
            return batch;
        }

        /// <summary>Commands of any kind: each record goes into the arena, and an item says where it lies.</summary>
        internal static Batch OfCommands(IList<Command> commands)
        {
            Batch batch = Take();
            batch.Begin(commands.Count, sizeof(RawCommand));
            for (int i = 0; i < commands.Count; i++)
            {
                Command command = Present(commands[i], "commands", i);
                batch.arena.Item = i;
                RawText place = batch.arena.Put(command);
                fixed (byte* at = &batch.records[i * batch.size])
                {
                    *(RawCommand*)at = default(RawCommand);
                    ((RawCommand*)at)->kind = (uint)command.CommandKind;
                    ((RawCommand*)at)->offset = place.offset;
                    ((RawCommand*)at)->size = place.length;
                }
            }
            return batch;
        }

        private static T Present<T>(T item, string what, int index) where T : class
        {
            if (item == null)
            {
                throw new QenexException(Status.NullPointer, what + "[" + index + "] is null", index);
            }
            return item;
        }

        private void Begin(int items, int recordSize)
        {
            if (items > Limits.BatchMax)
            {
                throw new QenexException(Status.BatchTooLarge, items + " items are more than the " + Limits.BatchMax
                    + " of Limits.BatchMax: split the batch", null);
            }
            count = items;
            size = recordSize;
            if (records.Length < items * recordSize)
            {
                records = new byte[items * recordSize];
            }
        }
    }
}
