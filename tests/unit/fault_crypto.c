/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libcrypto's functions that the card calls and that can fail: 0 or NULL. All
 * count as "crypto". To be linked with $(fault_crypto_flags), which names the
 * same ones.
 */
#include <stdint.h>

#include "tests/unit/fault.h"

/*
 * Each passes on as many words as the longest of them takes; what a function
 * does not take, it does not look at.
 */
#define WORDS                                                             \
	(uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e, \
	    uintptr_t f, uintptr_t g, uintptr_t h, uintptr_t i, uintptr_t j)

#define FAULT_CRYPTO_CALL(name)                                           \
	uintptr_t __real_##name WORDS;                                    \
	uintptr_t __wrap_##name WORDS;                                    \
	uintptr_t __wrap_##name WORDS                                     \
	{                                                                 \
		return fault_hits("crypto")                               \
			   ? 0                                            \
			   : __real_##name(a, b, c, d, e, f, g, h, i, j); \
	}

FAULT_CRYPTO_CALL(ASN1_OCTET_STRING_new)
FAULT_CRYPTO_CALL(ASN1_OCTET_STRING_set)
FAULT_CRYPTO_CALL(ASN1_TIME_set)
FAULT_CRYPTO_CALL(ASN1_TIME_set_string)
FAULT_CRYPTO_CALL(BN_CTX_secure_new)
FAULT_CRYPTO_CALL(BN_bin2bn)
FAULT_CRYPTO_CALL(BN_bn2binpad)
FAULT_CRYPTO_CALL(BN_bn2nativepad)
FAULT_CRYPTO_CALL(BN_mod_exp_mont_consttime)
FAULT_CRYPTO_CALL(BN_mod_inverse)
FAULT_CRYPTO_CALL(BN_mul)
FAULT_CRYPTO_CALL(BN_new)
FAULT_CRYPTO_CALL(BN_secure_new)
FAULT_CRYPTO_CALL(BN_set_word)
FAULT_CRYPTO_CALL(BN_sub)
FAULT_CRYPTO_CALL(BN_to_ASN1_INTEGER)
FAULT_CRYPTO_CALL(EC_GROUP_new_by_curve_name)
FAULT_CRYPTO_CALL(EC_POINT_mul)
FAULT_CRYPTO_CALL(EC_POINT_new)
FAULT_CRYPTO_CALL(EC_POINT_point2oct)
FAULT_CRYPTO_CALL(EVP_CIPHER_CTX_ctrl)
FAULT_CRYPTO_CALL(EVP_CIPHER_CTX_new)
FAULT_CRYPTO_CALL(EVP_CIPHER_CTX_set_padding)
FAULT_CRYPTO_CALL(EVP_CipherFinal_ex)
FAULT_CRYPTO_CALL(EVP_CipherInit_ex2)
FAULT_CRYPTO_CALL(EVP_CipherUpdate)
FAULT_CRYPTO_CALL(EVP_Digest)
FAULT_CRYPTO_CALL(EVP_DigestSign)
FAULT_CRYPTO_CALL(EVP_DigestSignInit)
FAULT_CRYPTO_CALL(EVP_MD_CTX_new)
FAULT_CRYPTO_CALL(EVP_PBE_scrypt)
FAULT_CRYPTO_CALL(EVP_PKEY_CTX_new_from_name)
FAULT_CRYPTO_CALL(EVP_PKEY_CTX_new_from_pkey)
FAULT_CRYPTO_CALL(EVP_PKEY_CTX_set_rsa_padding)
FAULT_CRYPTO_CALL(EVP_PKEY_Q_keygen)
FAULT_CRYPTO_CALL(EVP_PKEY_derive)
FAULT_CRYPTO_CALL(EVP_PKEY_derive_init)
FAULT_CRYPTO_CALL(EVP_PKEY_derive_set_peer_ex)
FAULT_CRYPTO_CALL(EVP_PKEY_fromdata)
FAULT_CRYPTO_CALL(EVP_PKEY_fromdata_init)
FAULT_CRYPTO_CALL(EVP_PKEY_get_bn_param)
FAULT_CRYPTO_CALL(EVP_PKEY_get_raw_private_key)
FAULT_CRYPTO_CALL(EVP_PKEY_get_raw_public_key)
FAULT_CRYPTO_CALL(EVP_PKEY_new_raw_private_key_ex)
FAULT_CRYPTO_CALL(EVP_PKEY_new_raw_public_key_ex)
FAULT_CRYPTO_CALL(EVP_PKEY_sign)
FAULT_CRYPTO_CALL(EVP_PKEY_sign_init)
FAULT_CRYPTO_CALL(HMAC)
FAULT_CRYPTO_CALL(RAND_priv_bytes_ex)
FAULT_CRYPTO_CALL(X509V3_EXT_nconf_nid)
FAULT_CRYPTO_CALL(X509_EXTENSION_create_by_OBJ)
FAULT_CRYPTO_CALL(X509_NAME_add_entry_by_txt)
FAULT_CRYPTO_CALL(X509_NAME_new)
FAULT_CRYPTO_CALL(X509_add_ext)
FAULT_CRYPTO_CALL(X509_new)
FAULT_CRYPTO_CALL(X509_set_issuer_name)
FAULT_CRYPTO_CALL(X509_set_pubkey)
FAULT_CRYPTO_CALL(X509_set_subject_name)
FAULT_CRYPTO_CALL(X509_set_version)
FAULT_CRYPTO_CALL(X509_sign)
