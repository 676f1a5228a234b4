/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libcacard's CAC over certificates of an NSS database. libcacard says little
 * when something is wrong and cannot be initialised twice, so everything that
 * can be checked is checked before it is asked.
 */
#include "vscclient/backend.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libcacard.h>

#include <cert.h>
#include <keyhi.h>
#include <nss.h>
#include <pk11pub.h>
#include <prerror.h>
#include <secerr.h>

#include "util/log.h"
#include "vscclient/nss_args.h"

enum { NSS_PATH_MAX = 4096, NSS_LIST_MAX = 300 };

struct nss {
	const struct cardspec_nss *spec;
	struct sink *sink;
	pthread_t thread;     /* takes libcacard's events */
	pthread_mutex_t lock; /* libcacard does not lock a card's state */
	VReader *readers[SINK_READERS_MAX];
	uint8_t command[VSCARD_APDU_MAX];
};

/* --- before libcacard ------------------------------------------------- */

static int
nss_check_file(const char *db, const char *name)
{
	char path[NSS_PATH_MAX];
	int fd;
	int rc;

	rc = snprintf(path, sizeof(path), "%s/%s", db, name);
	if (rc < 0 || (size_t)rc >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* NSS itself would say no more than "bad database". */
static int
nss_check_db(const char *db)
{
	static const char *const files[] = {"cert9.db", "key4.db"};
	struct stat st;
	int rc;

	if (stat(db, &st) < 0) {
		rc = -errno;
		log_error("nss: no database %s: %s", db, err_text(rc));
		return rc;
	}
	if (!S_ISDIR(st.st_mode)) {
		log_error("nss: %s is not a directory", db);
		return -ENOENT;
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		rc = nss_check_file(db, files[i]);
		if (rc < 0) {
			log_error("nss: no database in %s: %s: %s", db,
			    files[i], err_text(rc));
			return rc;
		}
	}
	return 0;
}

/* "a, b, c" of what the database has, as far as it fits. */
static void
nss_list_certs(char *out, size_t cap)
{
	CERTCertList *list = PK11_ListCerts(PK11CertListUnique, NULL);
	size_t used = 0;
	int n;

	snprintf(out, cap, "nothing");
	if (list == NULL)
		return;
	for (CERTCertListNode *node = CERT_LIST_HEAD(list);
	     !CERT_LIST_END(node, list) && used < cap;
	     node = CERT_LIST_NEXT(node)) {
		if (node->cert->nickname == NULL)
			continue;
		n = snprintf(out + used, cap - used, "%s%s",
		    used > 0 ? ", " : "", node->cert->nickname);
		if (n < 0)
			break;
		used += (size_t)n;
	}
	CERT_DestroyCertList(list);
}

static void
nss_warn_key(CERTCertificate *cert, const char *name)
{
	SECKEYPublicKey *key = CERT_ExtractPublicKey(cert);

	if (key == NULL || SECKEY_GetPublicKeyType(key) != rsaKey)
		log_warning("nss: certificate '%s' has no RSA key: the card"
		    " cannot sign with it", name);
	if (key != NULL)
		SECKEY_DestroyPublicKey(key);
}

static int
nss_check_cert(const char *db, const char *name)
{
	char has[NSS_LIST_MAX];
	CERTCertificate *cert;

	cert = PK11_FindCertFromNickname(name, NULL);
	if (cert == NULL) {
		nss_list_certs(has, sizeof(has));
		log_error("nss: no certificate '%s' in %s, which has: %s",
		    name, db, has);
		return -ENOENT;
	}
	nss_warn_key(cert, name);
	CERT_DestroyCertificate(cert);
	return 0;
}

/* libcacard leaves out a reader whose token it does not know. */
static int
nss_check_slot(const char *db, const char *name)
{
	PK11SlotInfo *slot;

	if (*name == '\0')
		return 0;
	slot = PK11_FindSlotByName(name);
	if (slot == NULL) {
		log_error("nss: no token '%s' in the modules of %s", name, db);
		return -ENOENT;
	}
	PK11_FreeSlot(slot);
	return 0;
}

static int
nss_check_soft(const char *db, const struct cardspec_soft *soft)
{
	int rc = nss_check_slot(db, soft->slot);

	for (size_t i = 0; rc == 0 && i < soft->cert_count; i++)
		rc = nss_check_cert(db, soft->certs[i]);
	return rc;
}

/*
 * In a context of its own, gone before libcacard opens its own: libcacard
 * skips an unknown certificate without a word.
 */
static int
nss_check_certs(const struct cardspec_nss *spec)
{
	char config[NSS_PATH_MAX];
	NSSInitContext *context;
	int rc = 0;

	snprintf(config, sizeof(config), "sql:%s", spec->db);
	context = NSS_InitContext(config, "", "", "", NULL, NSS_INIT_READONLY);
	if (context == NULL) {
		log_error("nss: NSS cannot open the database %s: %s", spec->db,
		    PORT_ErrorToString(PORT_GetError()));
		return -EIO;
	}
	for (size_t i = 0; rc == 0 && i < spec->soft_count; i++)
		rc = nss_check_soft(spec->db, &spec->soft[i]);
	if (NSS_ShutdownContext(context) != SECSuccess)
		log_debug("nss: first look at the database left traces");
	return rc;
}

static int
nss_check(const struct cardspec_nss *spec)
{
	int rc;

	rc = nss_check_db(spec->db);
	return rc < 0 ? rc : nss_check_certs(spec);
}

/* --- libcacard's events ----------------------------------------------- */

static int
nss_find(const struct nss *n, const VReader *vreader)
{
	for (int i = 0; i < SINK_READERS_MAX; i++)
		if (n->readers[i] == vreader)
			return i;
	return -ENODEV;
}

/* A soft reader's name is the user's choice; libcacard has a plain one. */
static const char *
nss_name(const struct nss *n, VReader *vreader)
{
	const char *name = vreader_get_name(vreader);
	int soft;

	if (name == NULL)
		return CARDSPEC_NSS_NAME;
	soft = nss_args_find(n->spec, name);
	return soft >= 0 ? n->spec->soft[soft].name : name;
}

static void
nss_on_reader_insert(struct nss *n, VReader *vreader)
{
	int i;

	pthread_mutex_lock(&n->lock);
	i = nss_find(n, NULL);
	if (i >= 0)
		n->readers[i] = vreader_reference(vreader);
	pthread_mutex_unlock(&n->lock);
	if (i >= 0)
		sink_reader_add(n->sink, (unsigned)i, nss_name(n, vreader));
	else
		log_warning("nss: more than %d readers; one is left out",
		    SINK_READERS_MAX);
}

static void
nss_on_reader_remove(struct nss *n, VReader *vreader)
{
	int i;

	pthread_mutex_lock(&n->lock);
	i = nss_find(n, vreader);
	if (i >= 0) {
		vreader_free(n->readers[i]);
		n->readers[i] = NULL;
	}
	pthread_mutex_unlock(&n->lock);
	if (i >= 0)
		sink_reader_remove(n->sink, (unsigned)i);
}

/* Under the lock. The card's real ATR comes with a power-on only. */
static enum vscard_status
nss_power_on(VReader *vreader, uint8_t *atr, size_t *out_len)
{
	int len = VSCARD_ATR_MAX;

	if (vreader_power_on(vreader, atr, &len) != VREADER_OK)
		return VSCARD_STATUS_NO_CARD;
	if (len < VSCARD_ATR_MIN || len > VSCARD_ATR_MAX)
		return VSCARD_STATUS_FAILED;
	*out_len = (size_t)len;
	return VSCARD_STATUS_OK;
}

static void
nss_on_card_insert(struct nss *n, VReader *vreader)
{
	enum vscard_status status = VSCARD_STATUS_NO_CARD;
	uint8_t atr[VSCARD_ATR_MAX];
	size_t len = 0;
	int i;

	pthread_mutex_lock(&n->lock);
	i = nss_find(n, vreader);
	if (i >= 0)
		status = nss_power_on(vreader, atr, &len);
	pthread_mutex_unlock(&n->lock);
	if (status == VSCARD_STATUS_OK)
		sink_card_insert(n->sink, (unsigned)i, atr, len);
}

static void
nss_on_card_remove(struct nss *n, VReader *vreader)
{
	int i;

	pthread_mutex_lock(&n->lock);
	i = nss_find(n, vreader);
	pthread_mutex_unlock(&n->lock);
	if (i >= 0)
		sink_card_remove(n->sink, (unsigned)i);
}

static void
nss_on_event(struct nss *n, const VEvent *event)
{
	switch (event->type) {
	case VEVENT_READER_INSERT:
		nss_on_reader_insert(n, event->reader);
		break;
	case VEVENT_READER_REMOVE:
		nss_on_reader_remove(n, event->reader);
		break;
	case VEVENT_CARD_INSERT:
		nss_on_card_insert(n, event->reader);
		break;
	case VEVENT_CARD_REMOVE:
		nss_on_card_remove(n, event->reader);
		break;
	case VEVENT_LAST:
	default:
		break;
	}
}

/* libcacard's queue has no descriptor, so it takes a thread to wait on it. */
static void *
nss_run(void *arg)
{
	struct nss *n = arg;
	VEvent *event;
	bool last = false;

	while (!last && (event = vevent_wait_next_vevent()) != NULL) {
		last = event->type == VEVENT_LAST;
		nss_on_event(n, event);
		vevent_delete(event);
	}
	return NULL;
}

/* --- the backend ------------------------------------------------------ */

static int
nss_init_cacard(const struct cardspec_nss *spec)
{
	char why[REFUSE_MAX];
	VCardEmulOptions *options;
	char *args = NULL;
	int rc;

	rc = nss_args_new(spec, &args, why);
	if (rc < 0) {
		if (rc == -EINVAL)
			log_error("nss: %s", why);
		return rc;
	}
	options = vcard_emul_options(args);
	if (options == NULL || vcard_emul_init(options) != VCARD_EMUL_OK) {
		log_error("nss: libcacard cannot make a card of %s", args);
		rc = -EIO;
	}
	free(args);
	return rc;
}

static int
nss_open(const struct cardspec *spec, struct sink *sink, void **out_backend)
{
	struct nss *n;
	int rc;

	rc = nss_check(&spec->nss);
	if (rc == 0)
		rc = nss_init_cacard(&spec->nss);
	if (rc < 0)
		return rc;
	n = calloc(1, sizeof(*n));
	if (n == NULL)
		return -ENOMEM;
	n->spec = &spec->nss;
	n->sink = sink;
	pthread_mutex_init(&n->lock, NULL);
	rc = pthread_create(&n->thread, NULL, nss_run, n);
	if (rc != 0) {
		log_error("nss: no thread: %s", err_text(rc));
		pthread_mutex_destroy(&n->lock);
		free(n);
		return -rc;
	}
	*out_backend = n;
	return 0;
}

/* The database was opened read-only; the process's end closes it. */
static void
nss_close(void *backend)
{
	struct nss *n = backend;

	vevent_queue_vevent(vevent_new(VEVENT_LAST, NULL, NULL));
	pthread_join(n->thread, NULL);
	for (int i = 0; i < SINK_READERS_MAX; i++) {
		if (n->readers[i] == NULL)
			continue;
		vreader_power_off(n->readers[i]);
		vreader_free(n->readers[i]);
	}
	pthread_mutex_destroy(&n->lock);
	free(n);
}

/* A host shows a refused VERIFY as 6985 only; which PIN is asked is ours. */
static void
nss_say_refused(const struct nss *n, VReader *vreader, size_t len,
    const uint8_t *response, size_t response_len)
{
	enum { VERIFY = 0x20, HEADER = 5 };
	const char *name = vreader_get_name(vreader);
	int soft = name != NULL ? nss_args_find(n->spec, name) : -ENOENT;

	if (len <= HEADER || n->command[1] != VERIFY || response_len != 2 ||
	    response[0] == 0x90)
		return;
	if (soft >= 0 && *n->spec->soft[soft].slot == '\0')
		log_warning("nss: PIN refused; it is the password of the"
		    " database %s", n->spec->db);
	else
		log_warning("nss: PIN refused; it is that of the token '%s'",
		    soft >= 0 ? n->spec->soft[soft].slot : name);
}

/*
 * libcacard takes the command as its own to write to, hence the copy. It cuts
 * a response that does not fit, status word and all, hence the check: a full
 * buffer means that it may have.
 */
static int
nss_exchange(struct nss *n, VReader *vreader, size_t len, uint8_t *response,
    size_t cap, size_t *out_len)
{
	int got = cap > INT_MAX ? INT_MAX : (int)cap;

	if (vreader_xfr_bytes(vreader, n->command, (int)len, response, &got) !=
	    VREADER_OK)
		return -ENOMEDIUM;
	if (got < 2 || (size_t)got >= cap)
		return -EIO;
	*out_len = (size_t)got;
	nss_say_refused(n, vreader, len, response, *out_len);
	return 0;
}

static int
nss_transmit(void *backend, unsigned reader, const uint8_t *command,
    size_t len, uint8_t *response, size_t cap, size_t *out_len)
{
	struct nss *n = backend;
	int rc = -ENODEV;

	if (len > sizeof(n->command))
		return -EMSGSIZE;
	pthread_mutex_lock(&n->lock);
	memcpy(n->command, command, len);
	if (n->readers[reader] != NULL)
		rc = nss_exchange(n, n->readers[reader], len, response, cap,
		    out_len);
	explicit_bzero(n->command, len);
	pthread_mutex_unlock(&n->lock);
	return rc;
}

/*
 * To libcacard each of the three is a reset that logs the PIN out. A card that
 * is down answers commands all the same.
 */
static enum vscard_status
nss_power(void *backend, unsigned reader, enum vscard_power power,
    uint8_t *atr, size_t *out_len)
{
	struct nss *n = backend;
	enum vscard_status status = VSCARD_STATUS_NO_CARD;
	VReader *vreader;

	pthread_mutex_lock(&n->lock);
	vreader = n->readers[reader];
	if (vreader == NULL)
		status = VSCARD_STATUS_NO_CARD;
	else if (power != VSCARD_POWER_DOWN)
		status = nss_power_on(vreader, atr, out_len);
	else if (vreader_power_off(vreader) == VREADER_OK)
		status = VSCARD_STATUS_OK;
	pthread_mutex_unlock(&n->lock);
	return status;
}

static enum vscard_status
nss_protocol(void *backend, unsigned reader, unsigned protocol)
{
	(void)backend;
	(void)reader;
	return protocol == 0 ? VSCARD_STATUS_OK : VSCARD_STATUS_UNSUPPORTED;
}

const struct backend_ops backend_nss = {
    .open = nss_open,
    .close = nss_close,
    .transmit = nss_transmit,
    .power = nss_power,
    .protocol = nss_protocol,
    .has_threads = true, /* libcacard's, which wait for tokens */
};
