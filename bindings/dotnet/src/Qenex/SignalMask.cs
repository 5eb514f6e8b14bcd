// The library's own threads block every signal, so that a host's handlers run on the host's threads. A runtime needs more of a
// thread that it runs code on: mono suspends it with a signal when garbage is collected, and a thread that a callback starts
// inherits the mask. Without this, the first collection after a callback would wait for ever.
using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Qenex
{
    internal static unsafe class SignalMask
    {
        // As many bytes as the largest sigset_t has.
        private const int Words = 16;

        // SIGHUP, SIGINT, SIGQUIT and SIGTERM: blocked together on threads of the library alone.
        private const ulong Usual = (1UL << 0) | (1UL << 1) | (1UL << 2) | (1UL << 14);

        [ThreadStatic]
        private static bool looked;

        private static volatile bool absent = RuntimeInformation.IsOSPlatform(OSPlatform.Windows);

        /// <summary>Lets signals reach the calling thread when it is one of the library's. Called first in every callback.</summary>
        internal static void Open()
        {
            if (looked || absent)
            {
                return;
            }
            looked = true;
            try
            {
                OpenThread();
            }
            catch (DllNotFoundException)
            {
                absent = true;
            }
            catch (EntryPointNotFoundException)
            {
                absent = true;
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void OpenThread()
        {
            bool mac = RuntimeInformation.IsOSPlatform(OSPlatform.OSX);
            int setMask = mac ? 3 : 2;
            ulong* mask = stackalloc ulong[Words];
            ulong* none = stackalloc ulong[Words];
            for (int i = 0; i < Words; i++)
            {
                mask[i] = 0;
                none[i] = 0;
            }
            if (pthread_sigmask(setMask, null, mask) == 0 && (mask[0] & Usual) == Usual)
            {
                pthread_sigmask(setMask, none, null);
            }
        }

        [DllImport("libc", CallingConvention = CallingConvention.Cdecl)]
        private static extern int pthread_sigmask(int how, ulong* set, ulong* old);
    }
}
