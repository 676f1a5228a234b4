/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/system/captive.h"

#if CAPTIVE_IS_POSSIBLE

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fakes/script.h"

/* The stop at a call, as PTRACE_O_TRACESYSGOOD marks it. */
enum { AT_CALL = SIGTRAP | 0x80 };

static const uint8_t call_instruction[] = {0x0f, 0x05};

static void
trace(struct captive *c, enum __ptrace_request request, void *data)
{
	if (ptrace(request, c->thread, NULL, data) < 0)
		script_fail(
		    HERE, "ptrace %d of %d: %m", (int)request, (int)c->thread);
}

/* The status at the next stop. */
static int
await_stop(struct captive *c)
{
	int status;

	if (waitpid(c->thread, &status, __WALL) != c->thread)
		script_fail(HERE, "waitpid: %m");
	if (!WIFSTOPPED(status))
		script_fail(
		    HERE, "%d ended: %x", (int)c->thread, (unsigned)status);
	return status;
}

/* Where no signal is under way, and a call that was interrupted goes on. */
static void
await_rest(struct captive *c)
{
	int status = await_stop(c);

	if (status >> 16 != PTRACE_EVENT_STOP)
		script_fail(HERE, "stopped otherwise: %x", (unsigned)status);
}

static void
go_to_call(struct captive *c)
{
	int status;

	trace(c, PTRACE_SYSCALL, NULL);
	status = await_stop(c);
	if (WSTOPSIG(status) != AT_CALL)
		script_fail(HERE, "stopped elsewhere: %x", (unsigned)status);
}

/* --- what it has --------------------------------------------------------- */

static void
copy(struct captive *c, uint64_t at, void *here, size_t len, bool out)
{
	struct iovec local = {here, len};
	struct iovec remote = {(void *)(uintptr_t)at, len};
	ssize_t n = out ? process_vm_writev(c->thread, &local, 1, &remote, 1, 0)
			: process_vm_readv(c->thread, &local, 1, &remote, 1, 0);

	if (n != (ssize_t)len)
		script_fail(HERE, "memory of %d: %m", (int)c->thread);
}

/* Bytes that happen to read so within others are as good. */
static uint64_t
find_in(struct captive *c, uint64_t start, uint64_t end)
{
	uint8_t page[CAPTIVE_ROOM];
	const uint8_t *found;

	for (; start < end; start += sizeof(page)) {
		copy(c, start, page, sizeof(page), false);
		found = memmem(page, sizeof(page), call_instruction,
		    sizeof(call_instruction));
		if (found != NULL)
			return start + (uint64_t)(found - page);
	}
	return 0;
}

static uint64_t
find_instruction(struct captive *c, pid_t process)
{
	unsigned long long start, end;
	char path[64], line[512];
	uint64_t at = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)process);
	maps = fopen(path, "re");
	if (maps == NULL)
		script_fail(HERE, "%s: %m", path);
	while (at == 0 && fgets(line, sizeof(line), maps) != NULL)
		if (strstr(line, "/libc") != NULL &&
		    sscanf(line, "%llx-%llx r-xp", &start, &end) == 2 &&
		    strstr(line, " r-xp ") != NULL)
			at = find_in(c, start, end);
	fclose(maps);
	if (at == 0)
		script_fail(HERE, "%s: no way to call", path);
	return at;
}

uint64_t
captive_put(struct captive *c, const void *data, size_t len)
{
	uint64_t at = c->room + c->used;

	if (len > CAPTIVE_ROOM - c->used)
		script_fail(HERE, "too much to remember");
	copy(c, at, (void *)(uintptr_t)data, len, true);
	c->used += (len + 15) / 16 * 16;
	return at;
}

void
captive_forget(struct captive *c)
{
	c->used = 0;
}

/* --- what it does -------------------------------------------------------- */

long
captive_call(struct captive *c, long number, const uint64_t args[CAPTIVE_ARGS])
{
	struct user_regs_struct regs = c->was;

	regs.rip = c->instruction;
	regs.rax = (unsigned long long)number;
	regs.orig_rax = ~0ULL; /* not within a call */
	regs.rdi = args[0];
	regs.rsi = args[1];
	regs.rdx = args[2];
	regs.r10 = args[3];
	regs.r8 = args[4];
	regs.r9 = args[5];
	trace(c, PTRACE_SETREGS, &regs);
	go_to_call(c);
	go_to_call(c);
	trace(c, PTRACE_GETREGS, &regs);
	return (long)regs.rax;
}

static uint64_t
make_room(struct captive *c)
{
	const uint64_t args[CAPTIVE_ARGS] = {0, CAPTIVE_ROOM,
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX, 0};
	long at = captive_call(c, SYS_mmap, args);

	if (at < 0)
		script_fail(HERE, "mmap: %s", strerror((int)-at));
	return (uint64_t)at;
}

void
captive_take(struct captive *c, pid_t process, pid_t thread)
{
	*c = (struct captive){.thread = thread};
	/* Should this process end, it ends too: it is not where it was. */
	trace(c, PTRACE_SEIZE,
	    (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	trace(c, PTRACE_INTERRUPT, NULL);
	await_rest(c);
	trace(c, PTRACE_GETREGS, &c->was);
	c->instruction = find_instruction(c, process);
	c->room = make_room(c);
}

void
captive_release(struct captive *c)
{
	const uint64_t args[CAPTIVE_ARGS] = {c->room, CAPTIVE_ROOM};

	(void)captive_call(c, SYS_munmap, args);
	trace(c, PTRACE_INTERRUPT, NULL);
	trace(c, PTRACE_CONT, NULL);
	await_rest(c);
	trace(c, PTRACE_SETREGS, &c->was);
	trace(c, PTRACE_DETACH, NULL);
}

#endif
