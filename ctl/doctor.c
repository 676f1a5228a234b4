/* SPDX-License-Identifier: BSD-2-Clause */
/* vscard-ctl doctor */
#include "ctl/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/commands.h"
#include "ctl/json.h"
#include "ctl/status.h"
#include "ctl/text.h"
#include "util/log.h"

/* --- for checks ------------------------------------------------------- */

__attribute__((format(printf, 2, 0))) static char *
text_of(struct doctor *d, const char *fmt, va_list args)
{
	char clean[2048], *text;

	if (vasprintf(&text, fmt, args) < 0) {
		d->failed = true;
		return NULL;
	}
	text_clean(clean, sizeof(clean), text);
	free(text);
	text = strdup(clean);
	d->failed |= text == NULL;
	return text;
}

__attribute__((format(printf, 3, 0))) static void
finding_add(struct doctor *d, bool hint, const char *fmt, va_list args)
{
	struct finding *more =
	    realloc(d->findings, (d->findings_len + 1) * sizeof(*d->findings));

	if (more == NULL) {
		d->failed = true;
		return;
	}
	d->findings = more;
	more[d->findings_len++] = (struct finding){
	    .id = d->id, .hint = hint, .what = text_of(d, fmt, args)};
}

void
doctor_find(struct doctor *d, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	finding_add(d, false, fmt, args);
	va_end(args);
}

void
doctor_hint(struct doctor *d, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	finding_add(d, true, fmt, args);
	va_end(args);
}

void
doctor_mend(struct doctor *d, const char *fmt, ...)
{
	struct finding *last;
	va_list args;

	if (d->findings_len == 0)
		return;
	last = &d->findings[d->findings_len - 1];
	if (last->mends_len == DOCTOR_MENDS_MAX)
		return;
	va_start(args, fmt);
	last->mends[last->mends_len++] = text_of(d, fmt, args);
	va_end(args);
}

void
doctor_mend_restart(struct doctor *d)
{
	if (access("/run/systemd/system", F_OK) == 0)
		doctor_mend(d, "sudo systemctl restart pcscd");
	else if (d->pcscd.pid != 0)
		doctor_mend(d, "sudo kill %ld; sudo pcscd", (long)d->pcscd.pid);
	else
		doctor_mend(d, "sudo pcscd");
}

bool
doctor_has_pcscd(const struct doctor *d)
{
	return d->pcscd.error == 0;
}

bool
doctor_has_driver(const struct doctor *d)
{
	return d->state_error == 0 || d->state_error == -EACCES;
}

const struct readerconf_entry *
doctor_entry(const struct doctor *d, size_t *inout_i)
{
	while (*inout_i < d->conf.entries_len)
		if (readerconf_is_ours(&d->conf.entries[(*inout_i)++]))
			return &d->conf.entries[*inout_i - 1];
	return NULL;
}

/* --- the whole -------------------------------------------------------- */

static void
doctor_gather(struct doctor *d)
{
	pcscd_get(&d->pcscd);
	d->conf_error = readerconf_load(&d->conf, d->pcscd.config);
	d->state_error = state_get(&d->state, d->socket, &d->ask);
	if (d->pcscd.error == 0)
		pcsc_look(&d->pcsc);
}

static void
doctor_look(struct doctor *d)
{
	doctor_gather(d);
	for (size_t i = 0; i < checks_len; i++) {
		d->id = checks[i].id;
		checks[i].look(d);
	}
}

static void
doctor_clear(struct doctor *d)
{
	for (size_t i = 0; i < d->findings_len; i++) {
		free(d->findings[i].what);
		for (size_t k = 0; k < d->findings[i].mends_len; k++)
			free(d->findings[i].mends[k]);
	}
	free(d->findings);
	readerconf_clear(&d->conf);
	state_clear(&d->state);
}

static size_t
count(const struct doctor *d, bool hint)
{
	size_t n = 0;

	for (size_t i = 0; i < d->findings_len; i++)
		n += d->findings[i].hint == hint;
	return n;
}

/* --- printing --------------------------------------------------------- */

static void
finding_print(const struct finding *finding, bool coloured)
{
	printf("%s%s%s: %s%s\n",
	    text_colour(finding->hint ? TEXT_CYAN : TEXT_RED, coloured),
	    finding->id, text_colour(TEXT_PLAIN, coloured),
	    finding->hint ? "(hint) " : "", finding->what);
	for (size_t i = 0; i < finding->mends_len; i++)
		printf("    %s%s%s\n", text_colour(TEXT_BOLD, coloured),
		    finding->mends[i], text_colour(TEXT_PLAIN, coloured));
}

static int
findings_print(const struct doctor *d)
{
	bool coloured = text_is_coloured();
	size_t wrong = count(d, false), hints = count(d, true);

	for (size_t i = 0; i < d->findings_len; i++)
		finding_print(&d->findings[i], coloured);
	printf("%zu checks, %zu %s", checks_len, wrong,
	    wrong == 1 ? "problem" : "problems");
	if (hints > 0)
		printf(", %zu %s", hints, hints == 1 ? "hint" : "hints");
	putchar('\n');
	return 0;
}

static json_t *
finding_json(const struct finding *finding)
{
	json_t *mends = json_array();

	for (size_t i = 0; i < finding->mends_len; i++)
		json_array_append_new(mends, json_string(finding->mends[i]));
	return json_pack("{s:s, s:b, s:s, s:o}", "id", finding->id, "hint",
	    finding->hint, "what", finding->what, "mend", mends);
}

static int
findings_json(const struct doctor *d)
{
	json_t *findings = json_array();

	for (size_t i = 0; i < d->findings_len; i++)
		json_array_append_new(findings, finding_json(&d->findings[i]));
	return json_print(
	    json_pack("{s:I, s:I, s:o}", "checks", (json_int_t)checks_len,
		"problems", (json_int_t)count(d, false), "findings", findings),
	    JSON_INDENT(2));
}

int
command_doctor(const struct options *opt)
{
	struct doctor *d = calloc(1, sizeof(*d));
	int rc, status;

	if (d == NULL) {
		log_error("no memory");
		return STATUS_FAILED;
	}
	d->socket = opt->socket;
	doctor_look(d);
	rc = d->failed   ? -ENOMEM
	     : opt->json ? findings_json(d)
			 : findings_print(d);
	status = rc < 0 || count(d, false) > 0 ? STATUS_FAILED : STATUS_OK;
	if (d->failed)
		log_error("no memory");
	doctor_clear(d);
	free(d);
	return status;
}
