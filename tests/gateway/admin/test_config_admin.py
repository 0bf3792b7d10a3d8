"""The settings of the admin API: keys with roles, as hashes, and no open door to others without them."""

from pathlib import Path

import pytest

from gateway.config import Config
from gateway.config_admin import Role
from gateway.config_file import ConfigError, load_config

SHA256 = "0" * 64
ANNA = f'{{name: anna, sha256: "{SHA256}", roles: [auditor]}}'


def loaded(folder: Path, admin: str) -> Config:
    (folder / "unsay.yaml").write_text(f"admin: {admin}\n")
    return load_config(folder / "unsay.yaml")


def refusal(folder: Path, admin: str) -> str:
    with pytest.raises(ConfigError) as refused:
        loaded(folder, admin)
    return str(refused.value)


def test_a_key_has_a_name_a_hash_and_roles(tmp_path: Path) -> None:
    config = loaded(tmp_path, f'{{keys: [{{name: anna, sha256: "{SHA256}", roles: [requester, approver]}}]}}')
    assert config.admin.keys[0].roles == {Role.REQUESTER, Role.APPROVER}


def test_without_keys_only_this_machine_may_ask(tmp_path: Path) -> None:
    assert loaded(tmp_path, "{port: 9000}").admin.host == "127.0.0.1"
    told = refusal(tmp_path, "{host: 0.0.0.0}")
    assert "admin.host: expected a loopback address while there are no keys under `admin`" in told


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (f'[{{name: anna, sha256: "{SHA256}"}}]', "expected the key `roles`"),
        (f'[{{name: anna, sha256: "{SHA256}", roles: []}}]', "expected a list of at least 1"),
        (f'[{{name: anna, sha256: "{SHA256}", roles: [king]}}]', "expected one of"),
        ("[{name: anna, sha256: my-secret-key, roles: [auditor]}]", "expected 64 hexadecimal digits"),
        ("[{name: anna, roles: [auditor]}]", "expected exactly one of sha256 and blake2b"),
        ("[my-secret-key]", "expected a mapping"),
        ("my-secret-key", "expected a list"),
        (f"[{ANNA}, {ANNA}]", "expected every name once"),
    ],
)
def test_a_key_that_cannot_be_used_is_told_and_not_shown(keys: str, told: str, tmp_path: Path) -> None:
    said = refusal(tmp_path, f"{{keys: {keys}}}")
    assert told in said
    assert "my-secret-key" not in said
