// A reader of JSON for the cases, because the runtimes that they run on have no common one. Objects become dictionaries,
// arrays lists, numbers decimals (which hold 64 bits of either sign exactly).
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Qenex.Tests
{
    internal sealed class Json
    {
        private readonly string text;
        private int at;

        private Json(string text)
        {
            this.text = text;
        }

        internal static object Read(string text)
        {
            Json reader = new Json(text);
            object value = reader.Value();
            reader.Space();
            if (reader.at != text.Length)
            {
                throw reader.Wrong("the end");
            }
            return value;
        }

        private object Value()
        {
            Space();
            switch (Peek())
            {
                case '{': return Object();
                case '[': return Array();
                case '"': return String();
                case 't': return Word("true", true);
                case 'f': return Word("false", false);
                case 'n': return Word("null", null);
                default: return Number();
            }
        }

        private Dictionary<string, object> Object()
        {
            Dictionary<string, object> found = new Dictionary<string, object>();
            at++;
            Space();
            while (Peek() != '}')
            {
                string key = String();
                Space();
                Expect(':');
                found.Add(key, Value());
                Separator('}');
            }
            at++;
            return found;
        }

        private List<object> Array()
        {
            List<object> found = new List<object>();
            at++;
            Space();
            while (Peek() != ']')
            {
                found.Add(Value());
                Separator(']');
            }
            at++;
            return found;
        }

        private void Separator(char end)
        {
            Space();
            if (Peek() == ',')
            {
                at++;
                Space();
                if (Peek() == end)
                {
                    throw Wrong("another element");
                }
            }
            else if (Peek() != end)
            {
                throw Wrong("',' or '" + end + "'");
            }
        }

        private string String()
        {
            Expect('"');
            StringBuilder found = new StringBuilder();
            while (Peek() != '"')
            {
                char next = text[at++];
                found.Append(next == '\\' ? Escaped() : next);
            }
            at++;
            return found.ToString();
        }

        private char Escaped()
        {
            char next = Peek();
            at++;
            switch (next)
            {
                case 'n': return '\n';
                case 't': return '\t';
                case 'r': return '\r';
                case 'b': return '\b';
                case 'f': return '\f';
                case 'u':
                    string digits = text.Substring(at, 4);
                    at += 4;
                    return (char)int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                default: return next;
            }
        }

        private object Number()
        {
            int start = at;
            while (at < text.Length && "+-.eE0123456789".IndexOf(text[at]) >= 0)
            {
                at++;
            }
            decimal number;
            if (!decimal.TryParse(text.Substring(start, at - start), NumberStyles.Float, CultureInfo.InvariantCulture, out number))
            {
                throw Wrong("a value");
            }
            return number;
        }

        private object Word(string word, object value)
        {
            if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0)
            {
                throw Wrong(word);
            }
            at += word.Length;
            return value;
        }

        private void Space()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }
        }

        private char Peek()
        {
            if (at >= text.Length)
            {
                throw Wrong("more");
            }
            return text[at];
        }

        private void Expect(char wanted)
        {
            if (Peek() != wanted)
            {
                throw Wrong("'" + wanted + "'");
            }
            at++;
        }

        private FormatException Wrong(string wanted)
        {
            return new FormatException("JSON, character " + at + ": expected " + wanted);
        }
    }
}
