/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/check_pcsc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <winscard.h>

#include "ctl/trial.h"

enum { PCSC_MS = 5000, NAMES_MAX = 65536 };

static void
state_look(SCARDCONTEXT context, const char *name, struct pcsc_facts *facts)
{
	SCARD_READERSTATE state = {.szReader = name};

	if (SCardGetStatusChange(context, 0, &state, 1) != SCARD_S_SUCCESS)
		return;
	if ((state.dwEventState & SCARD_STATE_EXCLUSIVE) != 0 &&
	    facts->held[0] == '\0')
		snprintf(facts->held, sizeof(facts->held), "%s", name);
}

static LONG
readers_look(SCARDCONTEXT context, struct pcsc_facts *facts)
{
	char *names = malloc(NAMES_MAX);
	DWORD len = NAMES_MAX;
	LONG rc = SCARD_E_NO_MEMORY;

	if (names == NULL)
		return rc;
	rc = SCardListReaders(context, NULL, names, &len);
	if (rc == SCARD_E_NO_READERS_AVAILABLE) {
		rc = SCARD_S_SUCCESS;
		len = 0;
	}
	for (const char *name = names;
	     rc == SCARD_S_SUCCESS && name < names + len && *name != '\0';
	     name += strlen(name) + 1) {
		facts->readers++;
		state_look(context, name, facts);
	}
	free(names);
	return rc;
}

static enum pcsc_answer
answer_of(LONG rc)
{
	switch (rc) {
	case SCARD_S_SUCCESS:
		return PCSC_GOOD;
	case SCARD_W_SECURITY_VIOLATION:
	case SCARD_E_NO_ACCESS:
		return PCSC_DENIED;
	default:
		return PCSC_FAILED;
	}
}

/* In the child: the facts go to the parent as they are. */
static void
look(int out, void *arg)
{
	struct pcsc_facts facts = {.answer = PCSC_UNASKED};
	SCARDCONTEXT context;
	LONG rc =
	    SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);

	(void)arg;
	if (rc == SCARD_S_SUCCESS) {
		rc = readers_look(context, &facts);
		SCardReleaseContext(context);
	}
	facts.answer = answer_of(rc);
	if (write(out, &facts, sizeof(facts)) != sizeof(facts))
		_exit(EXIT_FAILURE);
}

void
pcsc_look(struct pcsc_facts *out)
{
	struct pcsc_facts facts;
	ssize_t n = trial_run(look, NULL, &facts, sizeof(facts), PCSC_MS);

	if (n == sizeof(facts))
		*out = facts;
	else
		out->answer = n == -ETIMEDOUT ? PCSC_SILENT : PCSC_FAILED;
}
