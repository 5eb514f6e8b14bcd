// Values of the cases as the package takes them.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Reflection;
using System.Text;

namespace Qenex.Tests
{
    using Map = Dictionary<string, object>;

    /// <summary>The inputs of one step by their C names.</summary>
    internal sealed class Inputs
    {
        private readonly Case running;
        private readonly Map step;
        private readonly Map with;
        private readonly Map expect;

        internal Inputs(Case running, Map step, Map with, Map expect)
        {
            this.running = running;
            this.step = step;
            this.with = with;
            this.expect = expect;
        }

        internal Case Case { get { return running; } }

        internal Map Expect { get { return expect; } }

        internal Engine Engine { get { return running.Engine(with); } }

        internal Session Session { get { return running.Session(with); } }

        internal string As { get { return (string)step["as"]; } }

        internal bool Has(string name)
        {
            return with.ContainsKey(name);
        }

        internal object Raw(string name)
        {
            object value;
            if (!with.TryGetValue(name, out value))
            {
                throw new FailureException("the step gives no " + name);
            }
            return value;
        }

        internal string Text(string name)
        {
            return Has(name) ? (string)with[name] : "";
        }

        internal string Path(string name)
        {
            return running.Path(Raw(name));
        }

        internal uint Number(string name)
        {
            return Has(name) ? (uint)running.Api.Number(with[name]) : 0;
        }

        internal ulong Long(string name)
        {
            return Has(name) ? (ulong)running.Api.Number(with[name]) : 0;
        }

        internal bool Flag(string name)
        {
            uint number = Number(name);
            if (number > 1)
            {
                throw new FailureException(name + " is " + number + ", and the package takes yes or no");
            }
            return number == 1;
        }

        internal ulong[] Longs(string name)
        {
            return Has(name) ? ((List<object>)with[name]).Select(value => (ulong)running.Api.Number(value)).ToArray()
                : new ulong[0];
        }

        /// <summary>The cursor that an earlier step saved; null: the first page.</summary>
        internal byte[] Cursor(string name)
        {
            return Has(name) ? (byte[])Values.Convert(typeof(byte[]), with[name], running) : null;
        }

        internal int Signed(string name)
        {
            return (int)running.Api.Number(Raw(name));
        }

        internal Guid Id(string name)
        {
            return Has(name) ? Values.Id(with[name], running) : Guid.Empty;
        }

        internal Guid[] Ids(string name)
        {
            return ((List<object>)Raw(name)).Select(value => Values.Id(value, running)).ToArray();
        }

        internal Date Date(string name)
        {
            return Values.Date(Raw(name)).Value;
        }

        internal DateTimeOffset Time(string name)
        {
            return Values.Time(Raw(name)) ?? Values.Epoch;
        }

        internal Amount Amount(string name)
        {
            return Values.Amount(Raw(name));
        }

        internal byte[] Bytes(string name)
        {
            return Values.Bytes(Raw(name));
        }

        internal T Record<T>(string name, string record) where T : new()
        {
            return Has(name) ? (T)Values.Record(typeof(T), record, (Map)with[name], running) : new T();
        }

        internal T[] Records<T>(string name, string record)
        {
            return ((List<object>)Raw(name)).Select(item => (T)Values.Record(typeof(T), record, (Map)item, running)).ToArray();
        }

        /// <summary>Options of a class that is written by hand: a property for each field.</summary>
        internal T Options<T>(string name) where T : new()
        {
            T options = new T();
            if (Has(name))
            {
                foreach (KeyValuePair<string, object> item in (Map)with[name])
                {
                    SetOption(options, item.Key, item.Value);
                }
            }
            return options;
        }

        private void SetOption(object options, string field, object value)
        {
            ExecuteOptions execute = options as ExecuteOptions;
            StatementOptions statement = options as StatementOptions;
            EngineOptions engine = options as EngineOptions;
            if (field == "flags" && execute != null)
            {
                uint flags = (uint)running.Api.Number(value);
                execute.DryRun = flags == (uint)ExecuteFlags.DryRun;
                Values.Only(flags, (uint)ExecuteFlags.DryRun);
            }
            else if (field == "flags" && statement != null)
            {
                uint flags = (uint)running.Api.Number(value);
                statement.OldestFirst = flags == (uint)StatementFlags.OldestFirst;
                Values.Only(flags, (uint)StatementFlags.OldestFirst);
            }
            else if (field == "path" && engine != null)
            {
                engine.Path = running.Path(value);
            }
            else if (field == "log" && engine != null)
            {
                engine.Log = message =>
                {
                    if (message.Text.Length == 0 || message.Target.Length == 0 || message.Level == 0)
                    {
                        throw new FailureException("a log message without a text, a target or a level");
                    }
                };
            }
            else if (field == "clock" && engine != null)
            {
                DateTimeOffset told = Values.Time(value).Value;
                engine.Clock = () => told;
            }
            else
            {
                PropertyInfo property = Values.Property(options.GetType(), field);
                property.SetValue(options, Values.Convert(property.PropertyType, value, running), null);
            }
        }

        /// <summary>The commands of a mixed batch.</summary>
        internal Command[] Commands(string name)
        {
            return ((List<object>)Raw(name)).Cast<Map>()
                .Select(item => Values.Command((string)item["kind"], (Map)item["record"], running)).ToArray();
        }

        /// <summary>The batch of a submission: of the kind that the step names, or mixed.</summary>
        internal Command[] Batch()
        {
            string kind = (string)Raw("kind");
            if (kind == "QENEX_COMMAND_MIXED")
            {
                return Commands("records");
            }
            return ((List<object>)Raw("records")).Select(item => Values.Command(kind, (Map)item, running)).ToArray();
        }
    }

    /// <summary>Single values.</summary>
    internal static class Values
    {
        internal static readonly DateTimeOffset Epoch = new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);

        internal static string Camel(string name)
        {
            return string.Concat(name.Split('_').Where(word => word.Length > 0)
                .Select(word => char.ToUpperInvariant(word[0]) + word.Substring(1)));
        }

        private static string Snake(string name)
        {
            return string.Concat(name.Select((letter, at) => (at > 0 && char.IsUpper(letter) ? "_" : "")
                + char.ToLowerInvariant(letter)));
        }

        internal static PropertyInfo Property(Type type, string field)
        {
            string name = Camel(field);
            PropertyInfo found = type.GetProperty(name == type.Name ? "Value" : name);
            if (found == null)
            {
                throw new FailureException(type.Name + " has no property for " + field);
            }
            return found;
        }

        internal static void Only(uint flags, uint known)
        {
            if ((flags & ~known) != 0)
            {
                throw new FailureException("the package has no way to give the flags " + flags);
            }
        }

        internal static Command Command(string kind, Map record, Case running)
        {
            string name = kind.Substring("QENEX_COMMAND_".Length).ToLowerInvariant();
            Type type = typeof(Command).Assembly.GetType("Qenex." + Camel(name), true);
            return (Command)Record(type, "qenex_" + name, record, running);
        }

        internal static object Record(Type type, string record, Map fields, Case running)
        {
            object made = Activator.CreateInstance(type);
            Command command = made as Command;
            foreach (KeyValuePair<string, object> item in fields)
            {
                string fieldType = running.Api.FieldType(record, item.Key);
                PropertyInfo property = Property(type, item.Key);
                object value;
                if (fieldType.StartsWith("qenex_", StringComparison.Ordinal) && item.Value is Map
                    && property.PropertyType.IsClass && property.PropertyType != typeof(byte[])
                    && property.PropertyType != typeof(string))
                {
                    value = Record(property.PropertyType, fieldType, (Map)item.Value, running);
                }
                else if (item.Key == "flags")
                {
                    uint flags = (uint)running.Api.Number(item.Value);
                    if (command != null)
                    {
                        command.Linked = (flags & Limits.Linked) != 0;
                        flags &= ~Limits.Linked;
                    }
                    value = Convert(property.PropertyType, (decimal)flags, running);
                }
                else
                {
                    value = Convert(property.PropertyType, item.Value, running);
                }
                property.SetValue(made, value, null);
            }
            return made;
        }

        internal static object Convert(Type type, object value, Case running)
        {
            if (type == typeof(Guid))
            {
                return Id(value, running);
            }
            if (type == typeof(Amount))
            {
                return Amount(value);
            }
            if (type == typeof(Date?))
            {
                return Date(value);
            }
            if (type == typeof(DateTimeOffset?))
            {
                return Time(value);
            }
            if (type == typeof(Date[]))
            {
                return ((List<object>)value).Select(day => Date(day).Value).ToArray();
            }
            if (type.IsArray && type.GetElementType().IsClass && value is List<object>)
            {
                Type element = type.GetElementType();
                List<object> items = (List<object>)value;
                Array made = Array.CreateInstance(element, items.Count);
                for (int i = 0; i < items.Count; i++)
                {
                    made.SetValue(element == typeof(string) ? items[i]
                        : Record(element, "qenex_" + Snake(element.Name), (Map)items[i], running), i);
                }
                return made;
            }
            if (type == typeof(string))
            {
                return Map(value) == null ? value : Encoding.UTF8.GetString(Bytes(value));
            }
            if (type == typeof(byte[]))
            {
                string text = value as string;
                return text != null && text.StartsWith("$", StringComparison.Ordinal)
                    ? running.Saved[text.Substring(1)] : Bytes(value);
            }
            decimal number = running.Api.Number(value);
            return type.IsEnum ? Enum.ToObject(type, (uint)number)
                : System.Convert.ChangeType(number, type, CultureInfo.InvariantCulture);
        }

        private static Map Map(object value)
        {
            return value as Map;
        }

        internal static Guid Id(object value, Case running)
        {
            string text = (string)value;
            if (text == "none")
            {
                return Guid.Empty;
            }
            if (text == "reserved")
            {
                return new Guid("ffffffff-ffff-ffff-ffff-ffffffffffff");
            }
            if (text.StartsWith("$", StringComparison.Ordinal))
            {
                return (Guid)running.Saved[text.Substring(1)];
            }
            if (text.StartsWith("@", StringComparison.Ordinal))
            {
                byte[] bytes = new byte[16];
                Encoding.UTF8.GetBytes(text).CopyTo(bytes, 0);
                // The text's digits are in the order of the bytes, whatever the machine's order is.
                return new Guid(Hex(bytes));
            }
            return new Guid(text);
        }

        internal static string Hex(byte[] bytes)
        {
            return string.Concat(bytes.Select(one => one.ToString("x2", CultureInfo.InvariantCulture)));
        }

        internal static byte[] Bytes(object value)
        {
            Map hex = value as Map;
            if (hex == null)
            {
                return Encoding.UTF8.GetBytes((string)value);
            }
            string digits = (string)hex["hex"];
            return Enumerable.Range(0, digits.Length / 2)
                .Select(i => byte.Parse(digits.Substring(i * 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))
                .ToArray();
        }

        internal static Amount Amount(object value)
        {
            return Qenex.Amount.FromMinorUnits(BigInteger.Parse((string)value, CultureInfo.InvariantCulture));
        }

        internal static Date? Date(object value)
        {
            string text = value as string;
            if (text == null)
            {
                return null;
            }
            string[] parts = text.Split('-');
            return new Date(int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture),
                int.Parse(parts[2], CultureInfo.InvariantCulture));
        }

        internal static DateTimeOffset? Time(object value)
        {
            string text = value as string;
            if (text != null)
            {
                return DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
            }
            decimal microseconds = (decimal)value;
            return microseconds == 0 ? (DateTimeOffset?)null : Epoch.AddTicks((long)microseconds * 10);
        }
    }
}
