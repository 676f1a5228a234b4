/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace/file.h"

#include <stdlib.h>
#include <string.h>

#include "trace/describe.h"
#include "trace/dialog.h"
#include "trace/line.h"
#include "trace/mask.h"
#include "trace/pcapng.h"
#include "trace/capture.h"
#include "util/log.h"

enum {
	FILE_PATH_MAX = 4096,
	NAME_MAX_SHOWN = 160,
	COMMENT_MAX = 1024,
	/* A command and a response, each of the largest size. */
	FILE_CEILING = 256 * 1024,
	FILE_KEEP = 8192
};

/* One reader, from a slot's first packet until other names are in it. */
struct channel {
	bool shown;   /* the file has this interface */
	bool coming;  /* its arrival is not written yet, for its name */
	bool waiting; /* the command below has no response yet */
	uint32_t interface;
	uint64_t came; /* when it did */
	char reader[NAME_MAX_SHOWN];
	char peer[NAME_MAX_SHOWN];
	struct dialog dialog;
	struct buf command; /* a block; see file.h */
};

struct trace_file {
	struct capture capture;
	const void *source;
	bool secrets;
	bool over; /* it could not be written */
	uint32_t interfaces;
	struct buf out;
	struct channel *channels[TRACE_FILE_SLOTS];
	char path[FILE_PATH_MAX];
};

/* --- bytes ------------------------------------------------------------ */

static void
file_give_up(struct trace_file *file, int rc)
{
	if (!file->over)
		log_error("trace %s: %s; no more is written to it", file->path,
		    err_text(rc));
	file->over = true;
}

static void
file_check(struct trace_file *file, int rc)
{
	if (rc < 0)
		file_give_up(file, rc);
}

static void
file_flush(struct trace_file *file)
{
	if (!file->over && buf_len(&file->out) > 0)
		file_check(file, capture_write(&file->capture,
				     buf_get(&file->out), buf_len(&file->out)));
	buf_drop(&file->out, buf_len(&file->out));
	buf_trim(&file->out, FILE_KEEP);
}

/* --- readers ---------------------------------------------------------- */

/* Names are a peer's: nothing of them may look like another line. */
static void
copy_name(char out[NAME_MAX_SHOWN], const char *name)
{
	size_t n = 0;

	for (; *name != '\0' && n < NAME_MAX_SHOWN - 1; name++)
		out[n++] =
		    (unsigned char)*name < ' ' || *name == 0x7f ? '?' : *name;
	out[n] = '\0';
}

static struct channel *
channel_get(struct trace_file *file, unsigned slot)
{
	struct channel *channel;

	if (slot >= TRACE_FILE_SLOTS)
		return NULL;
	channel = file->channels[slot];
	if (channel != NULL)
		return channel;
	channel = calloc(1, sizeof(*channel));
	if (channel != NULL)
		buf_init(&channel->command, FILE_CEILING);
	else
		file_give_up(file, -ENOMEM);
	file->channels[slot] = channel;
	return channel;
}

/* "slot 0 of tcp:127.0.0.1:2001, 'NAME' at PEER" */
static void
describe_channel(const struct channel *channel, const struct trace_event *event,
    char *out, size_t cap)
{
	struct line line;

	line_init(&line, out, cap);
	line_add(&line, "slot %u of %s, ", event->slot, event->place);
	if (*channel->reader != '\0')
		line_add(&line, "'%s' ", channel->reader);
	line_add(&line, "at %s", channel->peer);
}

/* The interface of the event's reader; a new one if the names are new. */
static void
channel_name(struct trace_file *file, struct channel *channel,
    const struct trace_event *event)
{
	char reader[NAME_MAX_SHOWN], peer[NAME_MAX_SHOWN];
	char text[COMMENT_MAX], name[32];
	struct line line;

	copy_name(reader, event->reader);
	copy_name(peer, event->peer);
	if (channel->shown && strcmp(reader, channel->reader) == 0 &&
	    strcmp(peer, channel->peer) == 0)
		return;
	memcpy(channel->reader, reader, sizeof(reader));
	memcpy(channel->peer, peer, sizeof(peer));
	line_init(&line, name, sizeof(name));
	line_add(&line, "slot %u", event->slot);
	describe_channel(channel, event, text, sizeof(text));
	file_check(file, pcapng_interface(&file->out,
			     *reader != '\0' ? reader : name, text));
	channel->interface = file->interfaces++;
	channel->shown = true;
}

/* --- packets ---------------------------------------------------------- */

static void
put_text(struct trace_file *file, const struct channel *channel, uint64_t time,
    const char *text, const char *comment)
{
	const struct pcapng_packet packet = {
	    .kind = PCAPNG_TEXT,
	    .interface = channel->interface,
	    .time = time,
	    .data = text,
	    .len = strlen(text),
	    .comment = comment,
	};

	file_check(file, pcapng_packet(&file->out, &packet));
}

static void
put_atr(struct trace_file *file, const struct channel *channel,
    const struct trace_event *event, const char *comment)
{
	const struct pcapng_packet packet = {
	    .kind = PCAPNG_RESPONSE,
	    .interface = channel->interface,
	    .time = event->time,
	    .data = event->data,
	    .len = event->len,
	    .comment = comment,
	};

	if (event->len > 0)
		file_check(file, pcapng_packet(&file->out, &packet));
}

/* The header as numbers: Wireshark shows none of a class that it skips. */
static void
comment_command(const struct dialog *dialog, const void *data, size_t len,
    bool masked, char out[COMMENT_MAX])
{
	char words[DESCRIBE_MAX];
	struct trace_apdu apdu;
	struct line line;

	line_init(&line, out, COMMENT_MAX);
	line_add(&line, "%s",
	    describe_command(dialog->applet, data, len, words, sizeof(words)));
	if (!trace_apdu_get(data, len, &apdu))
		return;
	line_add(&line, "\nCLA %02X INS %02X P1 %02X P2 %02X", apdu.cla,
	    apdu.ins, apdu.p1, apdu.p2);
	if (apdu.len > 0)
		line_add(&line, " Lc %zu", apdu.len);
	if (apdu.le > 0)
		line_add(&line, " Le %zu", apdu.le);
	if (masked)
		line_add(&line, "\nthe data is masked");
}

/* A response is described after the dialog has heard it. */
static void
comment_response(
    const void *data, size_t len, bool masked, char out[COMMENT_MAX])
{
	char words[DESCRIBE_MAX];
	struct line line;

	line_init(&line, out, COMMENT_MAX);
	line_add(
	    &line, "%s", describe_response(data, len, words, sizeof(words)));
	if (masked)
		line_add(&line, "\nthe data is masked");
}

/*
 * Puts an APDU into a buffer, masked as its dialog says. The copy is made here
 * only, and is gone before it can be forgotten.
 */
static int
put_apdu(const struct trace_file *file, const struct channel *channel,
    const struct trace_event *event, struct buf *out)
{
	const struct dialog *dialog = &channel->dialog;
	char comment[COMMENT_MAX];
	struct pcapng_packet packet = {
	    .interface = channel->interface,
	    .time = event->time,
	    .len = event->len,
	    .comment = comment,
	};
	bool masked = false;
	uint8_t *copy = malloc(event->len + 1);
	int rc;

	if (copy == NULL)
		return -ENOMEM;
	packet.data = copy;
	if (file->secrets) {
		if (event->len > 0)
			memcpy(copy, event->data, event->len);
	} else if (event->kind == TRACE_COMMAND) {
		masked = mask_command(dialog, event->data, event->len, copy);
	} else {
		masked = mask_response(dialog, event->data, event->len, copy);
	}
	packet.kind =
	    event->kind == TRACE_COMMAND ? PCAPNG_COMMAND : PCAPNG_RESPONSE;
	if (event->kind == TRACE_COMMAND)
		comment_command(
		    dialog, event->data, event->len, masked, comment);
	else
		comment_response(event->data, event->len, masked, comment);
	rc = pcapng_packet(out, &packet);
	explicit_bzero(copy, event->len);
	free(copy);
	return rc;
}

/* --- events ----------------------------------------------------------- */

/* The command that waits, if there is one; its answer comes right behind. */
static void
put_waiting(struct trace_file *file, struct channel *channel)
{
	if (!channel->waiting)
		return;
	channel->waiting = false;
	file_check(file, buf_put(&file->out, buf_get(&channel->command),
			     buf_len(&channel->command)));
	buf_drop(&channel->command, buf_len(&channel->command));
	buf_trim(&channel->command, FILE_KEEP);
}

static void
put_arrival(struct trace_file *file, struct channel *channel,
    const struct trace_event *event)
{
	char text[COMMENT_MAX];

	if (!channel->coming)
		return;
	channel->coming = false;
	describe_channel(channel, event, text, sizeof(text));
	put_text(file, channel, channel->came, "reader attached", text);
}

static void
on_attach(struct trace_file *file, struct channel *channel,
    const struct trace_event *event)
{
	(void)file;
	channel->coming = true;
	channel->came = event->time;
	dialog_init(&channel->dialog);
}

static void
on_detach(struct trace_file *file, struct channel *channel,
    const struct trace_event *event)
{
	put_text(
	    file, channel, event->time, "reader detached", "reader detached");
}

static void
on_insert(struct trace_file *file, struct channel *channel,
    const struct trace_event *event)
{
	dialog_init(&channel->dialog);
	put_atr(file, channel, event, "card inserted: its ATR");
}

static void
on_eject(struct trace_file *file, struct channel *channel,
    const struct trace_event *event)
{
	put_text(file, channel, event->time, "card removed", "card removed");
}

static void
on_control(struct trace_file *file, struct channel *channel,
    const struct trace_event *event)
{
	char text[COMMENT_MAX];
	struct line line;

	line_init(&line, text, sizeof(text));
	line_add(&line, "%s: %s", event->what != NULL ? event->what : "?",
	    event->result == 0 ? "done" : err_text(event->result));
	put_text(file, channel, event->time, text, text);
	put_atr(file, channel, event, "the card's ATR");
	if (event->result == 0)
		dialog_init(&channel->dialog);
}

static void
on_command(struct trace_file *file, struct channel *channel,
    const struct trace_event *event)
{
	dialog_command(&channel->dialog, event->data, event->len);
	file_check(file, put_apdu(file, channel, event, &channel->command));
	channel->waiting = true;
}

static void
on_response(struct trace_file *file, struct channel *channel,
    const struct trace_event *event)
{
	dialog_response(&channel->dialog, event->data, event->len);
	file_check(file, put_apdu(file, channel, event, &file->out));
}

static void
on_failure(struct trace_file *file, struct channel *channel,
    const struct trace_event *event)
{
	char text[COMMENT_MAX];
	struct line line;

	line_init(&line, text, sizeof(text));
	line_add(&line, "no response: %s", err_text(event->result));
	put_text(file, channel, event->time, text, text);
}

static void (*const handlers[])(
    struct trace_file *, struct channel *, const struct trace_event *) = {
    [TRACE_ATTACH] = on_attach,
    [TRACE_NAME] = NULL, /* see channel_name */
    [TRACE_DETACH] = on_detach,
    [TRACE_INSERT] = on_insert,
    [TRACE_EJECT] = on_eject,
    [TRACE_CONTROL] = on_control,
    [TRACE_COMMAND] = on_command,
    [TRACE_RESPONSE] = on_response,
    [TRACE_FAILURE] = on_failure,
};

void
trace_file_on_event(void *arg, const struct trace_event *event)
{
	struct trace_file *file = arg;
	struct channel *channel;

	if (event->source != file->source || file->over ||
	    (size_t)event->kind >= sizeof(handlers) / sizeof(*handlers))
		return;
	channel = channel_get(file, event->slot);
	if (channel == NULL)
		return;
	put_waiting(file, channel);
	/* An arrival waits for the name, which comes next or not at all. */
	if (event->kind != TRACE_ATTACH) {
		channel_name(file, channel, event);
		put_arrival(file, channel, event);
	}
	if (handlers[event->kind] != NULL)
		handlers[event->kind](file, channel, event);
	file_flush(file);
}

/* --- life ------------------------------------------------------------- */

int
trace_file_new(const struct trace_file_setup *setup,
    struct trace_file **out_file, const char **out_why)
{
	struct trace_file *file;
	int rc;

	*out_why = err_text(-ENOMEM);
	if (strlen(setup->path) >= FILE_PATH_MAX) {
		*out_why = err_text(-ENAMETOOLONG);
		return -EINVAL;
	}
	file = calloc(1, sizeof(*file));
	if (file == NULL)
		return -ENOMEM;
	strcpy(file->path, setup->path);
	file->source = setup->source;
	file->secrets = setup->secrets;
	file->capture.fd = -1;
	buf_init(&file->out, FILE_CEILING);
	rc = pcapng_section(&file->out, setup->program);
	if (rc == 0)
		rc = capture_open(&file->capture, setup->path, out_why);
	if (rc < 0) {
		trace_file_free(&file);
		return rc;
	}
	file_flush(file);
	*out_file = file;
	return 0;
}

void
trace_file_free(struct trace_file **file)
{
	struct trace_file *f = *file;

	if (f == NULL)
		return;
	for (unsigned i = 0; i < TRACE_FILE_SLOTS; i++) {
		if (f->channels[i] == NULL)
			continue;
		put_waiting(f, f->channels[i]);
		file_flush(f);
		buf_clear(&f->channels[i]->command);
		free(f->channels[i]);
	}
	capture_close(&f->capture);
	buf_clear(&f->out);
	free(f);
	*file = NULL;
}
