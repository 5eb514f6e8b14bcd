// Compares what the package gives with what a case expects.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Qenex.Tests
{
    using Map = Dictionary<string, object>;

    /// <summary>Compares what came back with what a case expects.</summary>
    internal static class Comparison
    {
        internal static void Expect(string what, object actual, object expected, Case running)
        {
            Map map = expected as Map;
            if (map != null && map.Count == 1 && map.ContainsKey("above"))
            {
                Hold(what, Number(actual) > (decimal)map["above"], actual, map["above"]);
            }
            else if (map != null && map.Count == 1 && map.ContainsKey("contains"))
            {
                Hold(what, ((string)actual).Contains((string)map["contains"]), actual, map["contains"]);
            }
            else if (map != null && map.Count == 1 && map.ContainsKey("any"))
            {
                Hold(what, actual is Guid && (Guid)actual != Guid.Empty, actual, "an id");
            }
            else if (map != null && map.Count == 1 && map.ContainsKey("hex"))
            {
                Hold(what, Values.Hex((byte[])actual) == (string)map["hex"], actual, map["hex"]);
            }
            else if (map != null)
            {
                foreach (KeyValuePair<string, object> field in map)
                {
                    object value = Values.Property(actual.GetType(), field.Key).GetValue(actual, null);
                    Expect(what + "." + field.Key, value, field.Value, running);
                }
            }
            else if (actual is Array && !(actual is byte[]))
            {
                Each(what, ((IEnumerable)actual).Cast<object>().ToList(), (List<object>)expected, running);
            }
            else
            {
                Hold(what, Same(actual, expected, running), actual, expected);
            }
        }

        private static void Each(string what, List<object> actual, List<object> expected, Case running)
        {
            if (actual.Count != expected.Count)
            {
                throw new FailureException(what + " are " + actual.Count + ", not " + expected.Count);
            }
            for (int i = 0; i < actual.Count; i++)
            {
                Expect(what + "[" + i + "]", actual[i], expected[i], running);
            }
        }

        private static bool Same(object actual, object expected, Case running)
        {
            string text = expected as string;
            if (actual == null)
            {
                // No date, no time.
                return expected is decimal && (decimal)expected == 0;
            }
            if (actual is Guid)
            {
                // The 16 bytes of user data are written as digits, ids in several ways.
                return (Guid)actual == Values.Id(text, running);
            }
            if (actual is Amount)
            {
                return (Amount)actual == Values.Amount(text);
            }
            if (actual is Date)
            {
                return (Date)actual == Values.Date(expected);
            }
            if (actual is DateTimeOffset)
            {
                return (DateTimeOffset)actual == (Values.Time(expected) ?? Values.Epoch);
            }
            byte[] bytes = actual as byte[];
            if (bytes != null)
            {
                return Values.Hex(bytes) == text || bytes.SequenceEqual(Encoding.UTF8.GetBytes(text));
            }
            if (actual is string)
            {
                return (string)actual == text;
            }
            if (actual is bool && !(expected is decimal))
            {
                return (bool)actual == (bool)expected;
            }
            return Number(actual) == running.Api.Number(expected);
        }

        private static decimal Number(object actual)
        {
            if (actual is DateTimeOffset)
            {
                return ((DateTimeOffset)actual - Values.Epoch).Ticks / 10;
            }
            return actual is Enum ? System.Convert.ToDecimal(System.Convert.ChangeType(actual,
                Enum.GetUnderlyingType(actual.GetType()), CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
                : System.Convert.ToDecimal(actual, CultureInfo.InvariantCulture);
        }

        private static void Hold(string what, bool holds, object actual, object expected)
        {
            if (!holds)
            {
                throw new FailureException(what + " is " + (actual ?? "nothing") + ", not " + expected);
            }
        }
    }
}
