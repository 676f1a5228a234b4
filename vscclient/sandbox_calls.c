/* SPDX-License-Identifier: BSD-2-Clause */
#include "vscclient/sandbox_calls.h"

#include <asm/sockios.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/ioctl.h>

/*
 * Calls that the headers here may not know, but the kernel where this runs. All
 * processors give new ones the same number.
 */
enum {
	CALL_FCHMODAT2 = 452,
	CALL_SETXATTRAT = 463,
	CALL_REMOVEXATTRAT = 466,
	CALL_FILE_SETATTR = 469
};

/*
 * Names that this machine's kernel does not have are numbers below zero, which
 * libseccomp leaves out. There is no fork and no exec, and nobody else is
 * looked at.
 */
/* clang-format off */
const int sandbox_calls_plain[] = {
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev),
    SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(close),
    SCMP_SYS(close_range), SCMP_SYS(fstat), SCMP_SYS(stat), SCMP_SYS(lstat),
    SCMP_SYS(newfstatat), SCMP_SYS(fstatat64), SCMP_SYS(stat64),
    SCMP_SYS(lstat64), SCMP_SYS(fstat64), SCMP_SYS(statx), SCMP_SYS(statfs),
    SCMP_SYS(fstatfs), SCMP_SYS(lseek), SCMP_SYS(_llseek), SCMP_SYS(mmap),
    SCMP_SYS(mmap2), SCMP_SYS(mprotect), SCMP_SYS(munmap), SCMP_SYS(mremap),
    SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(futex_time64),
    SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(membarrier),
    SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigtimedwait), SCMP_SYS(sigaltstack), SCMP_SYS(sigreturn),
    SCMP_SYS(signalfd4), SCMP_SYS(eventfd2), SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2), SCMP_SYS(poll), SCMP_SYS(ppoll),
    SCMP_SYS(ppoll_time64), SCMP_SYS(select), SCMP_SYS(_newselect),
    SCMP_SYS(pselect6), SCMP_SYS(pselect6_time64), SCMP_SYS(getsockname),
    SCMP_SYS(setsockopt), SCMP_SYS(getsockopt), SCMP_SYS(sendto),
    SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(send),
    SCMP_SYS(recv), SCMP_SYS(shutdown), SCMP_SYS(open), SCMP_SYS(openat),
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
    SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents),
    SCMP_SYS(getdents64), SCMP_SYS(getcwd), SCMP_SYS(flock),
    SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe2),
    SCMP_SYS(fadvise64),
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64),
    SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_nanosleep_time64), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
    SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(getuid),
    SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
    SCMP_SYS(getuid32), SCMP_SYS(geteuid32), SCMP_SYS(getgid32),
    SCMP_SYS(getegid32), SCMP_SYS(getpgrp), SCMP_SYS(getpgid),
    SCMP_SYS(getsid), SCMP_SYS(getgroups), SCMP_SYS(uname), SCMP_SYS(sysinfo),
    SCMP_SYS(getrlimit), SCMP_SYS(ugetrlimit), SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield), SCMP_SYS(getrusage), SCMP_SYS(wait4),
    SCMP_SYS(waitid), SCMP_SYS(waitpid),
    SCMP_SYS(pidfd_open), SCMP_SYS(exit), SCMP_SYS(exit_group),
    SANDBOX_CALLS_END};

/*
 * Sockets; no file is made, moved or changed in its rights. ftruncate is for
 * the end of a trace file.
 */
const int sandbox_calls_network[] = {
    SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen),
    SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(getpeername),
    SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg), SCMP_SYS(recvmmsg_time64),
    SCMP_SYS(ftruncate), SCMP_SYS(ftruncate64), SCMP_SYS(unlink),
    SCMP_SYS(unlinkat), SANDBOX_CALLS_END};

/* A database beside its journal. */
const int sandbox_calls_key[] = {
    SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(ftruncate),
    SCMP_SYS(ftruncate64), SCMP_SYS(fallocate), SCMP_SYS(fchmod),
    SCMP_SYS(fchown), SCMP_SYS(fchown32), SCMP_SYS(link), SCMP_SYS(linkat),
    SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
    SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(mlock), SCMP_SYS(mlock2),
    SCMP_SYS(munlock), SCMP_SYS(msync), SCMP_SYS(prctl), SANDBOX_CALLS_END};

const int sandbox_calls_no_card[] = {
    SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_getfd), SCMP_SYS(kcmp), SCMP_SYS(perf_event_open),
    SCMP_SYS(bpf), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register), SCMP_SYS(mount),
    SCMP_SYS(umount), SCMP_SYS(umount2), SCMP_SYS(pivot_root),
    SCMP_SYS(chroot), SCMP_SYS(fsopen), SCMP_SYS(fsmount), SCMP_SYS(fspick),
    SCMP_SYS(move_mount), SCMP_SYS(open_tree), SCMP_SYS(mount_setattr),
    SCMP_SYS(setns), SCMP_SYS(unshare), SCMP_SYS(open_by_handle_at),
    SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key),
    SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(init_module),
    SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(reboot),
    SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(acct), SCMP_SYS(quotactl),
    SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(adjtimex),
    SCMP_SYS(clock_adjtime), SCMP_SYS(sethostname), SCMP_SYS(setdomainname),
    SCMP_SYS(iopl), SCMP_SYS(ioperm), SCMP_SYS(personality),
    SCMP_SYS(vhangup), SCMP_SYS(syslog), SCMP_SYS(fanotify_init),
    SANDBOX_CALLS_END};

/* Signals that do not say whom they are for in their first argument too. */
const int sandbox_calls_others[] = {
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
    SCMP_SYS(tkill), SCMP_SYS(pidfd_send_signal),
    SANDBOX_CALLS_END};

/* Where a signal goes when there is something to read. */
const int sandbox_fcntls_others[] = {
    F_SETOWN, F_SETOWN_EX,
    SANDBOX_CALLS_END};

const unsigned sandbox_ioctls_others[] = {
    FIOSETOWN, SIOCSPGRP,
    SANDBOX_IOCTLS_END};

const int sandbox_calls_paths[] = {
    SCMP_SYS(truncate), SCMP_SYS(truncate64), SCMP_SYS(chmod),
    SCMP_SYS(fchmodat), CALL_FCHMODAT2, SCMP_SYS(chown),
    SCMP_SYS(chown32), SCMP_SYS(lchown), SCMP_SYS(lchown32),
    SCMP_SYS(fchownat), SCMP_SYS(utime), SCMP_SYS(utimes),
    SCMP_SYS(futimesat), SCMP_SYS(utimensat), SCMP_SYS(utimensat_time64),
    SCMP_SYS(setxattr), SCMP_SYS(lsetxattr), SCMP_SYS(removexattr),
    SCMP_SYS(lremovexattr), CALL_SETXATTRAT, CALL_REMOVEXATTRAT,
    CALL_FILE_SETATTR,
    SANDBOX_CALLS_END};

/* Descriptors and locks; not whom they send a signal to. */
const int sandbox_fcntls_plain[] = {
    F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK,
    F_SETLK, F_SETLKW, F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW,
#if defined(F_GETLK64) && F_GETLK64 != F_GETLK
    F_GETLK64, F_SETLK64, F_SETLKW64,
#endif
    SANDBOX_CALLS_END};

/*
 * A question at a terminal, the width of a status line, and what C libraries
 * and their resolvers ask of a socket, the scope of an address among it.
 */
const unsigned sandbox_ioctls_plain[] = {
    TCGETS, TCSETS, TCSETSW, TCSETSF,
#ifdef TCGETS2
    TCGETS2, TCSETS2, TCSETSW2, TCSETSF2,
#endif
    TIOCGPGRP, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX,
    SIOCGIFINDEX, SIOCGIFNAME,
    SANDBOX_IOCTLS_END};

/* Typing in the user's place: TIOCLINUX pastes what it has selected. */
const unsigned sandbox_ioctls_no_card[] = {
    TIOCSTI, TIOCLINUX,
    SANDBOX_IOCTLS_END};
/* clang-format on */
