// Where the library lies: the file that QENEX_LIBRARY names, runtimes/<rid>/native beside the program, or wherever the
// system looks. One assembly serves runtimes with a resolver (.NET Core 3.0 and newer, looked up by name because
// netstandard2.0 does not have it), mono with its map of libraries, and .NET Framework.
using System;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Qenex.Raw;

namespace Qenex
{
    internal static class LibraryFinder
    {
        internal const string Variable = "QENEX_LIBRARY";

        private static MethodInfo load;
        private static MethodInfo tryLoad;

        // The file to load and nothing else; null: what the system finds.
        private static string file;

        internal static void Install()
        {
            string named = Environment.GetEnvironmentVariable(Variable);
            file = string.IsNullOrEmpty(named) ? Beside() : named;
            Type native = Type.GetType("System.Runtime.InteropServices.NativeLibrary, System.Runtime.InteropServices", false)
                ?? typeof(object).Assembly.GetType("System.Runtime.InteropServices.NativeLibrary", false);
            if (native != null)
            {
                Resolver(native);
            }
            else if (file != null)
            {
                LoadWithoutResolver();
            }
        }

        /// <summary>The library of this machine in runtimes/&lt;rid&gt;/native; null when it is not there.</summary>
        private static string Beside()
        {
            bool windows = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);
            bool mac = RuntimeInformation.IsOSPlatform(OSPlatform.OSX);
            string system = windows ? "win" : (mac ? "osx" : "linux");
            string name = windows ? "qenex.dll" : (mac ? "libqenex.dylib" : "libqenex.so");
            string processor = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
            string path = Path.Combine(AppDomain.CurrentDomain.BaseDirectory, "runtimes", system + "-" + processor, "native", name);
            return File.Exists(path) ? path : null;
        }

        private static void Resolver(Type native)
        {
            MethodInfo set = native.GetMethod("SetDllImportResolver");
            load = native.GetMethod("Load", new[] { typeof(string) });
            tryLoad = native.GetMethod("TryLoad",
                new[] { typeof(string), typeof(Assembly), typeof(DllImportSearchPath?), typeof(IntPtr).MakeByRefType() });
            MethodInfo resolve = typeof(LibraryFinder).GetMethod("Resolve", BindingFlags.NonPublic | BindingFlags.Static);
            Delegate resolver = Delegate.CreateDelegate(set.GetParameters()[1].ParameterType, resolve);
            try
            {
                set.Invoke(null, new object[] { typeof(LibraryFinder).Assembly, resolver });
            }
            catch (TargetInvocationException error)
            {
                // The program has set a resolver for this assembly: then that one decides.
                if (!(error.InnerException is InvalidOperationException))
                {
                    throw;
                }
            }
        }

        private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
        {
            if (name != Native.Library)
            {
                return IntPtr.Zero;
            }
            if (file != null)
            {
                return Named();
            }
            // A system without the development package has the versioned name alone.
            foreach (string candidate in new[] { Native.Library, "libqenex.so.0", "libqenex.0.dylib" })
            {
                object[] arguments = { candidate, assembly, path, IntPtr.Zero };
                if ((bool)tryLoad.Invoke(null, arguments))
                {
                    return (IntPtr)arguments[3];
                }
            }
            return IntPtr.Zero;
        }

        private static IntPtr Named()
        {
            try
            {
                return (IntPtr)load.Invoke(null, new object[] { file });
            }
            catch (TargetInvocationException error)
            {
                throw new DllNotFoundException(error.InnerException.Message, error.InnerException);
            }
        }

        private static void LoadWithoutResolver()
        {
            if (Type.GetType("Mono.Runtime") != null)
            {
                MapInMono();
            }
            else
            {
                LoadInWindows();
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void MapInMono()
        {
            mono_dllmap_insert(IntPtr.Zero, Native.Library, null, file, null);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void LoadInWindows()
        {
            // .NET Framework takes a module of that name which is loaded already.
            if (LoadLibrary(file) == IntPtr.Zero)
            {
                throw new DllNotFoundException(file + " cannot be loaded (error " + Marshal.GetLastWin32Error() + ")");
            }
        }

        [DllImport("__Internal", CharSet = CharSet.Ansi, CallingConvention = CallingConvention.Cdecl)]
        private static extern void mono_dllmap_insert(IntPtr assembly, string library, string function, string target, string name);

        [DllImport("kernel32", CharSet = CharSet.Unicode, EntryPoint = "LoadLibraryW", SetLastError = true)]
        private static extern IntPtr LoadLibrary(string file);
    }
}
