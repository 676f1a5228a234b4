/* SPDX-License-Identifier: BSD-2-Clause */
#include "key/info.h"

#include <stdio.h>

static void
print_secret(const char *label, const struct inventory_secret *s)
{
	printf("%-16s", label);
	if (s->left == 0)
		printf("blocked");
	else
		printf("%u of %u tries left", s->left, s->total);
	printf("%s\n", s->is_default ? ", default" : "");
}

static void
print_slot(const struct inventory_slot *s)
{
	printf("  %02X  ", s->number);
	if (s->has_key)
		printf("%-9s %-10s PIN %-7s touch %-7s", s->algorithm,
		    s->origin, s->pin_policy, s->touch_policy);
	else
		printf("%-40s", "no key");
	if (s->subject != NULL)
		printf(" %s", s->subject);
	else
		printf(" %s", s->has_cert ? "(unreadable certificate)"
					  : "(no certificate)");
	printf("\n");
}

static void
print_slots(const struct inventory *inv)
{
	printf("%s\n", inv->slot_count == 0 ? "Slots:          empty" : "Slots:");
	for (size_t i = 0; i < inv->slot_count; i++)
		print_slot(&inv->slots[i]);
}

static void
print_objects(const struct inventory *inv)
{
	printf("%s\n", inv->object_count == 0 ? "Objects:        none" : "Objects:");
	for (size_t i = 0; i < inv->object_count; i++)
		printf("  %06X  %s, %zu bytes\n", (unsigned)inv->objects[i].tag,
		    inv->objects[i].name, inv->objects[i].len);
}

int
info_print(const struct inventory *inv, const char *file)
{
	printf("%-16s%s\n", "File:", file);
	printf("%-16s%s\n",
	    "Name:", inv->id.name[0] != '\0' ? inv->id.name : "none");
	printf("%-16s%u\n", "Serial number:", (unsigned)inv->id.serial);
	printf("%-16s%u.%u.%u\n", "Version:", inv->version[0], inv->version[1],
	    inv->version[2]);
	printf(
	    "%-16s%s\n", "Passphrase:", inv->has_passphrase ? "yes" : "none");
	print_secret("PIN:", &inv->pin);
	print_secret("PUK:", &inv->puk);
	printf("%-16s%s%s\n", "Management key:", inv->management,
	    inv->management_is_default ? ", default" : "");
	print_slots(inv);
	print_objects(inv);
	return fflush(stdout) == EOF ? -EIO : 0;
}
