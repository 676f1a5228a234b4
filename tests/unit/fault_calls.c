/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system's calls that the programs of vscard make and that can fail. To be
 * linked with $(fault_call_flags), which names the same ones.
 */
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "tests/unit/fault.h"

/* --- sockets ------------------------------------------------------------ */

FAULT_CALL(
    socket, (int family, int type, int protocol), (family, type, protocol))
FAULT_CALL(socketpair, (int family, int type, int protocol, int fd[2]),
    (family, type, protocol, fd))
FAULT_CALL(
    bind, (int fd, const struct sockaddr *at, socklen_t len), (fd, at, len))
FAULT_CALL(listen, (int fd, int backlog), (fd, backlog))
FAULT_CALL(
    connect, (int fd, const struct sockaddr *at, socklen_t len), (fd, at, len))
FAULT_CALL(accept4, (int fd, struct sockaddr *at, socklen_t *len, int flags),
    (fd, at, len, flags))
FAULT_CALL(getsockopt,
    (int fd, int level, int name, void *value, socklen_t *len),
    (fd, level, name, value, len))
FAULT_CALL(setsockopt,
    (int fd, int level, int name, const void *value, socklen_t len),
    (fd, level, name, value, len))
FAULT_CALL(
    getsockname, (int fd, struct sockaddr *at, socklen_t *len), (fd, at, len))
FAULT_CALL(
    getpeername, (int fd, struct sockaddr *at, socklen_t *len), (fd, at, len))
FAULT_COUNT_CALL(
    recv, (int fd, void *room, size_t len, int flags), (fd, room, len, flags))
FAULT_COUNT_CALL(send, (int fd, const void *data, size_t len, int flags),
    (fd, data, len, flags))
FAULT_COUNT_CALL(recvfrom,
    (int fd, void *room, size_t len, int flags, struct sockaddr *at,
	socklen_t *at_len),
    (fd, room, len, flags, at, at_len))
FAULT_COUNT_CALL(sendto,
    (int fd, const void *data, size_t len, int flags, const struct sockaddr *at,
	socklen_t at_len),
    (fd, data, len, flags, at, at_len))

ssize_t __real_recvmsg(int, struct msghdr *, int);
ssize_t __wrap_recvmsg(int, struct msghdr *, int);
ssize_t __real_sendmsg(int, const struct msghdr *, int);
ssize_t __wrap_sendmsg(int, const struct msghdr *, int);

ssize_t
__wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
	return fault_hits("recvmsg") ? -1 : __real_recvmsg(fd, message, flags);
}

ssize_t
__wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct msghdr cut = *message;
	struct iovec byte;

	if (!fault_hits("sendmsg"))
		return __real_sendmsg(fd, message, flags);
	if (errno != FAULT_SHORT)
		return -1;
	byte = (struct iovec){.iov_base = cut.msg_iov->iov_base, .iov_len = 1};
	cut.msg_iov = &byte;
	cut.msg_iovlen = 1;
	return __real_sendmsg(fd, &cut, flags);
}

/* --- waiting ------------------------------------------------------------ */

FAULT_CALL(poll, (struct pollfd * fds, nfds_t len, int ms), (fds, len, ms))
FAULT_CALL(epoll_create1, (int flags), (flags))

/* Taking out a descriptor that is in there needs nothing, and cannot fail. */
int __real_epoll_ctl(int epoll, int op, int fd, struct epoll_event *ev);
int __wrap_epoll_ctl(int epoll, int op, int fd, struct epoll_event *ev);
int
__wrap_epoll_ctl(int epoll, int op, int fd, struct epoll_event *ev)
{
	return op != EPOLL_CTL_DEL && fault_hits("epoll_ctl")
		   ? -1
		   : __real_epoll_ctl(epoll, op, fd, ev);
}

FAULT_CALL(epoll_wait, (int epoll, struct epoll_event *ev, int len, int ms),
    (epoll, ev, len, ms))
FAULT_CALL(eventfd, (unsigned count, int flags), (count, flags))
FAULT_CALL(eventfd_read, (int fd, uint64_t *count), (fd, count))
FAULT_CALL(eventfd_write, (int fd, uint64_t count), (fd, count))
FAULT_CALL(signalfd, (int fd, const sigset_t *set, int flags), (fd, set, flags))

/* --- threads and processes ------------------------------------------------ */

FAULT_CODE_CALL(pthread_create,
    (pthread_t * thread, const pthread_attr_t *attr, void *(*run)(void *),
	void *arg),
    (thread, attr, run, arg))
FAULT_CODE_CALL(pthread_mutex_init,
    (pthread_mutex_t * mutex, const pthread_mutexattr_t *attr), (mutex, attr))
FAULT_CODE_CALL(pthread_cond_init,
    (pthread_cond_t * cond, const pthread_condattr_t *attr), (cond, attr))
FAULT_CALL(fork, (void), ())

/* A look without waiting is not interrupted. */
pid_t __real_waitpid(pid_t, int *, int);
pid_t __wrap_waitpid(pid_t, int *, int);
pid_t
__wrap_waitpid(pid_t pid, int *status, int flags)
{
	return (flags & WNOHANG) == 0 && fault_hits("waitpid")
		   ? -1
		   : __real_waitpid(pid, status, flags);
}

FAULT_CALL(pidfd_open, (pid_t pid, unsigned flags), (pid, flags))

/* What the C library has no function for, by the kernel's name. */
long __real_syscall(long number, long, long, long, long, long, long);
long __wrap_syscall(long number, long, long, long, long, long, long);
long
__wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	const char *name = number == SYS_clone        ? "clone"
			   : number == SYS_pidfd_open ? "pidfd_open"
						      : "syscall";

	return fault_hits(name) ? -1 : __real_syscall(number, a, b, c, d, e, f);
}

FAULT_CALL(execve, (const char *path, char *const argv[], char *const envp[]),
    (path, argv, envp))
FAULT_CALL(prctl, (int option, unsigned long arg), (option, arg))
FAULT_CALL(pipe2, (int fd[2], int flags), (fd, flags))
FAULT_CALL(dup2, (int from, int to), (from, to))
FAULT_CALL(close_range, (unsigned first, unsigned last, int flags),
    (first, last, flags))

/* --- files ---------------------------------------------------------------- */

FAULT_CALL(
    open, (const char *path, int flags, mode_t mode), (path, flags, mode))
FAULT_CALL(fcntl, (int fd, int command, long arg), (fd, command, arg))
FAULT_COUNT_CALL(read, (int fd, void *room, size_t len), (fd, room, len))
FAULT_COUNT_CALL(write, (int fd, const void *data, size_t len), (fd, data, len))
FAULT_COUNT_CALL(
    pread, (int fd, void *room, size_t len, off_t at), (fd, room, len, at))
FAULT_COUNT_CALL(pwrite, (int fd, const void *data, size_t len, off_t at),
    (fd, data, len, at))
FAULT_COUNT_CALL(
    getrandom, (void *room, size_t len, unsigned flags), (room, len, flags))
FAULT_CALL(stat, (const char *path, struct stat *st), (path, st))
FAULT_CALL(lstat, (const char *path, struct stat *st), (path, st))
FAULT_CALL(fstat, (int fd, struct stat *st), (fd, st))
FAULT_CALL(chmod, (const char *path, mode_t mode), (path, mode))
FAULT_CALL(fchmod, (int fd, mode_t mode), (fd, mode))
FAULT_CALL(mkdir, (const char *path, mode_t mode), (path, mode))
FAULT_CALL(mkostemp, (char *name, int flags), (name, flags))
FAULT_CALL(link, (const char *from, const char *to), (from, to))
FAULT_CALL(rename, (const char *from, const char *to), (from, to))
FAULT_CALL(renameat2,
    (int from_dir, const char *from, int to_dir, const char *to,
	unsigned flags),
    (from_dir, from, to_dir, to, flags))
FAULT_CALL(unlink, (const char *path), (path))
FAULT_CALL(ftruncate, (int fd, off_t len), (fd, len))
FAULT_CALL(fsync, (int fd), (fd))
FAULT_CALL(flock, (int fd, int operation), (fd, operation))
