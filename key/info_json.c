/* SPDX-License-Identifier: BSD-2-Clause */
#include "key/info.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static json_t *
secret_get(const struct inventory_secret *s)
{
	return json_pack("{s:i, s:i, s:b}", "tries_left", (int)s->left, "tries",
	    (int)s->total, "default", (int)s->is_default);
}

/* NULL is JSON's null. */
static json_t *
text_get(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

static json_t *
hex_get_json(unsigned number, int digits)
{
	char text[16];

	snprintf(text, sizeof(text), "%0*X", digits, number);
	return json_string(text);
}

static json_t *
key_get(const struct inventory_slot *s)
{
	if (!s->has_key)
		return json_null();
	return json_pack("{s:s, s:s, s:s, s:s}", "algorithm", s->algorithm,
	    "origin", s->origin, "pin_policy", s->pin_policy, "touch_policy",
	    s->touch_policy);
}

static json_t *
cert_get(const struct inventory_slot *s)
{
	if (!s->has_cert)
		return json_null();
	return json_pack("{s:o}", "subject", text_get(s->subject));
}

static json_t *
slots_get(const struct inventory *inv)
{
	json_t *list = json_array();

	for (size_t i = 0; i < inv->slot_count; i++) {
		const struct inventory_slot *s = &inv->slots[i];

		(void)json_array_append_new(
		    list, json_pack("{s:o, s:s, s:o, s:o}", "slot",
			      hex_get_json(s->number, 2), "name", s->name,
			      "key", key_get(s), "certificate", cert_get(s)));
	}
	return list;
}

static json_t *
objects_get(const struct inventory *inv)
{
	json_t *list = json_array();

	for (size_t i = 0; i < inv->object_count; i++) {
		const struct inventory_object *o = &inv->objects[i];

		(void)json_array_append_new(
		    list, json_pack("{s:o, s:s, s:I}", "tag",
			      hex_get_json((unsigned)o->tag, 6), "name",
			      o->name, "bytes", (json_int_t)o->len));
	}
	return list;
}

/* A file's name may be no UTF-8, which JSON has to be. */
static json_t *
file_get(const char *file)
{
	json_t *text = json_string(file);

	return text != NULL ? text : json_null();
}

static json_t *
all_get(const struct inventory *inv, const char *file)
{
	char version[32];

	snprintf(version, sizeof(version), "%u.%u.%u", inv->version[0],
	    inv->version[1], inv->version[2]);
	return json_pack("{s:o, s:s, s:I, s:s, s:b, s:o, s:o, s:{s:s, s:b},"
			 " s:o, s:o}",
	    "file", file_get(file), "name", inv->id.name, "serial",
	    (json_int_t)inv->id.serial, "version", version, "passphrase",
	    (int)inv->has_passphrase, "pin", secret_get(&inv->pin), "puk",
	    secret_get(&inv->puk), "management_key", "algorithm",
	    inv->management, "default", (int)inv->management_is_default,
	    "slots", slots_get(inv), "objects", objects_get(inv));
}

int
info_print_json(const struct inventory *inv, const char *file)
{
	json_t *all = all_get(inv, file);
	int rc;

	if (all == NULL)
		return -ENOMEM;
	rc = json_dumpf(all, stdout, JSON_INDENT(2)) < 0 ||
		     putchar('\n') == EOF || fflush(stdout) == EOF
		 ? -EIO
		 : 0;
	json_decref(all);
	return rc;
}
