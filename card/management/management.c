/* SPDX-License-Identifier: BSD-2-Clause */
#include "card/management/management.h"

#include <string.h>

#include "card/core/identity.h"
#include "card/iso/tlv.h"

enum {
	MGM_READ_CONFIG = 0x1D,
	MGM_USB_SUPPORTED = 0x01,
	MGM_SERIAL = 0x02,
	MGM_USB_ENABLED = 0x03,
	MGM_FORM_FACTOR = 0x04,
	MGM_VERSION = 0x05,
	MGM_EJECT_TIMEOUT = 0x06,
	MGM_RESPONSE_TIMEOUT = 0x07,
	MGM_FLAGS = 0x08,
	MGM_LOCKED = 0x0A,
	MGM_NFC_SUPPORTED = 0x0D,
	MGM_NFC_ENABLED = 0x0E,
	MGM_KEYCHAIN = 0x01 /* the form factor whose name promises least */
};

static const char mgm_text[] = "VSCard - FW version ";
static const uint8_t mgm_version[] = {
    IDENTITY_VERSION_MAJOR, IDENTITY_VERSION_MINOR, IDENTITY_VERSION_PATCH};

static int
mgm_open(struct env *env, void **out_app)
{
	*out_app = env;
	return 0;
}

static void
mgm_close(void *app)
{
	(void)app;
}

static void
mgm_deselect(void *app)
{
	(void)app;
}

static uint32_t
mgm_security(const void *app)
{
	(void)app;
	return 0;
}

/* ykman takes the first three numbers with dots that it finds. */
static sw_t
mgm_select(void *app, bool again, struct wr *out)
{
	(void)app;
	(void)again;
	wr_bytes(out, mgm_text, strlen(mgm_text));
	for (size_t i = 0; i < sizeof(mgm_version); i++) {
		if (i > 0)
			wr_u8(out, '.');
		wr_u8(out, '0' + mgm_version[i]);
	}
	return SW_OK;
}

static void
mgm_put(struct wr *out, uint32_t tag, uint32_t value, unsigned width)
{
	uint8_t bytes[4];

	for (unsigned i = 0; i < width; i++)
		bytes[i] = (uint8_t)(value >> 8 * (width - 1 - i) & 0xFF);
	tlv_put(out, tag, bytes, width);
}

/* USB and NFC are the same here: clients ask for the one they believe in. */
static void
mgm_put_config(struct wr *out, const struct env *env, uint32_t serial)
{
	mgm_put(out, MGM_USB_SUPPORTED, env->capabilities, 2);
	mgm_put(out, MGM_SERIAL, serial, 4);
	mgm_put(out, MGM_USB_ENABLED, env->capabilities, 2);
	mgm_put(out, MGM_FORM_FACTOR, MGM_KEYCHAIN, 1);
	tlv_put(out, MGM_VERSION, mgm_version, sizeof(mgm_version));
	mgm_put(out, MGM_EJECT_TIMEOUT, 0, 2);
	mgm_put(out, MGM_RESPONSE_TIMEOUT, 15, 1); /* seconds, as delivered */
	mgm_put(out, MGM_FLAGS, 0, 1);
	mgm_put(out, MGM_LOCKED, 0, 1);
	mgm_put(out, MGM_NFC_SUPPORTED, env->capabilities, 2);
	mgm_put(out, MGM_NFC_ENABLED, env->capabilities, 2);
}

/* One byte of length, then one page, the only one. */
static sw_t
mgm_read_config(void *app, const struct apdu *a, struct wr *out)
{
	struct env *env = app;
	struct identity id;
	size_t mark;

	(void)a;
	if (identity_get(env, &id) < 0)
		return SW_INTERNAL;
	wr_u8(out, 0);
	mark = out->len;
	mgm_put_config(out, env, id.serial);
	if (wr_end(out) < 0 || out->len - mark > UINT8_MAX)
		return SW_INTERNAL;
	out->p[mark - 1] = (uint8_t)(out->len - mark);
	return SW_OK;
}

static const struct app_ins mgm_ins[] = {
    {.ins = MGM_READ_CONFIG, .p1 = 0, .p2 = 0, .run = mgm_read_config},
};

const struct app_ops management_app = {
    .name = "management",
    .aid = {0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17},
    .aid_len = 8,
    .aid_min = 8,
    .ins = mgm_ins,
    .ins_count = sizeof(mgm_ins) / sizeof(mgm_ins[0]),
    .open = mgm_open,
    .close = mgm_close,
    .select = mgm_select,
    .deselect = mgm_deselect,
    .security = mgm_security,
};
