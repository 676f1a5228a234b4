/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PKCS#11 module in front of another one, $GATE_MODULE, whose tokens are
 * there as long as the file $GATE_FILE is: SoftHSM's cannot be pulled.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <pkcs11.h>

/* PKCS#11 gives its functions no argument to find their state by. */
static CK_FUNCTION_LIST real;
static CK_FUNCTION_LIST gate;

static int
is_open(void)
{
	const char *file = getenv("GATE_FILE");

	return file != NULL && access(file, F_OK) == 0;
}

static CK_RV
gate_get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info)
{
	CK_RV rv = real.C_GetSlotInfo(slot, info);

	if (rv == CKR_OK && !is_open())
		info->flags &= ~(CK_FLAGS)CKF_TOKEN_PRESENT;
	return rv;
}

static CK_RV
gate_get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
	return is_open() ? real.C_GetTokenInfo(slot, info) :
	    CKR_TOKEN_NOT_PRESENT;
}

static CK_RV
gate_open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR app,
    CK_NOTIFY notify, CK_SESSION_HANDLE_PTR session)
{
	return is_open() ? real.C_OpenSession(slot, flags, app, notify,
	    session) : CKR_TOKEN_NOT_PRESENT;
}

static CK_RV
gate_get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO_PTR info)
{
	return is_open() ? real.C_GetSessionInfo(session, info) :
	    CKR_DEVICE_REMOVED;
}

static CK_RV
gate_wait_for_slot_event(CK_FLAGS flags, CK_SLOT_ID_PTR slot, CK_VOID_PTR x)
{
	(void)flags;
	(void)slot;
	(void)x;
	return CKR_FUNCTION_NOT_SUPPORTED;
}

/* Its descriptor of the other module is open for as long as it is. */
static CK_RV
gate_load(void)
{
	const char *path = getenv("GATE_MODULE");
	void *module = path != NULL ? dlopen(path, RTLD_NOW | RTLD_LOCAL) :
	    NULL;
	CK_RV (*get)(CK_FUNCTION_LIST_PTR_PTR);
	CK_FUNCTION_LIST_PTR list;

	if (module == NULL)
		return CKR_GENERAL_ERROR;
	*(void **)&get = dlsym(module, "C_GetFunctionList");
	if (get == NULL || get(&list) != CKR_OK)
		return CKR_GENERAL_ERROR;
	real = *list;
	gate = real;
	gate.C_GetSlotInfo = gate_get_slot_info;
	gate.C_GetTokenInfo = gate_get_token_info;
	gate.C_OpenSession = gate_open_session;
	gate.C_GetSessionInfo = gate_get_session_info;
	gate.C_WaitForSlotEvent = gate_wait_for_slot_event;
	return CKR_OK;
}

/* NSS may still be asking whether a token is there. */
__attribute__((destructor)) static void
gate_tear_down(void)
{
	static const char words[] = "gate: torn down\n";

	(void)!write(STDERR_FILENO, words, sizeof(words) - 1);
}

__attribute__((visibility("default"))) CK_RV
C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR out_list)
{
	CK_RV rv = gate.C_GetSlotInfo != NULL ? CKR_OK : gate_load();

	if (rv == CKR_OK)
		*out_list = &gate;
	return rv;
}
