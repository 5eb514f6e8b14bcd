// Loads libqenex, refuses one that does not fit, and turns its errors into exceptions. Every way into the library comes
// through Load first: a handle exists only where it succeeded, and what needs no handle is in LibraryCalls.
using System;
using Qenex.Raw;

namespace Qenex
{
    internal static unsafe class Library
    {
        private static readonly object Gate = new object();
        private static volatile bool loaded;

        // What was tried once is not tried again: a process does not get another library half-way.
        private static LibraryException failure;

        /// <summary>Loads the library at the first call. Throws <see cref="LibraryException"/>.</summary>
        internal static void Load()
        {
            if (!loaded)
            {
                LoadOnce();
            }
        }

        private static void LoadOnce()
        {
            lock (Gate)
            {
                if (loaded)
                {
                    return;
                }
                if (failure == null)
                {
                    failure = Try();
                }
                if (failure != null)
                {
                    throw new LibraryException(failure.Message, failure);
                }
                loaded = true;
            }
        }

        private static LibraryException Try()
        {
            try
            {
                LibraryFinder.Install();
                uint version = LibraryCalls.AbiVersion();
                if (version != Limits.AbiVersion)
                {
                    return new LibraryException("the library that was found is libqenex "
                        + LibraryCalls.Version() + " with binary interface " + version
                        + "; this package needs binary interface " + Limits.AbiVersion
                        + ": install a library and a package of the same release", null);
                }
                Layout.Check();
                return null;
            }
            catch (EntryPointNotFoundException error)
            {
                return new LibraryException("the library that was found is not libqenex, or not of this release: "
                    + error.Message, error);
            }
            catch (BadImageFormatException error)
            {
                return new LibraryException("the library that was found is not for this processor: " + error.Message, error);
            }
            catch (DllNotFoundException error)
            {
                return new LibraryException("libqenex was not found: put it into runtimes/<rid>/native beside the program, or "
                    + "where the system looks (LD_LIBRARY_PATH, ldconfig, PATH), or name the file in the environment variable "
                    + LibraryFinder.Variable + ". " + error.Message, error);
            }
            catch (TypeLoadException error)
            {
                return new LibraryException(error.Message, error);
            }
        }

        /// <summary>Throws what a negative status means, and frees the error object.</summary>
        internal static int Check(int status, IntPtr error)
        {
            if (status >= 0)
            {
                return status;
            }
            string message = "";
            long item = -1;
            int sqlite = 0;
            if (error != IntPtr.Zero)
            {
                UIntPtr length;
                byte* text = Native.qenex_error_message(error, &length);
                message = Wire.ToText(text, (long)length);
                item = Native.qenex_error_item(error);
                sqlite = Native.qenex_error_sqlite_code(error);
                status = Native.qenex_error_status(error);
                Native.qenex_error_free(error);
            }
            if (message.Length == 0)
            {
                message = LibraryCalls.StatusExplanation(status);
            }
            throw new QenexException((Status)status, message, item < 0 ? (int?)null : (int)item, sqlite);
        }
    }
}
