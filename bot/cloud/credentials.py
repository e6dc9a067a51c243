"""Credentials from the vendor's SDK: its provider chain, asked in a thread because it blocks."""

import asyncio
import configparser
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.auth.provider import (
    CredentialProviderChain,
    EnvCredentialProvider,
    MetadataCredentialProvider,
    OidcStsCredentialProvider,
    PodIdentityCredentialProvider,
    ProfileCredentialProvider,
)
from huaweicloudsdkcore.exceptions.exception_handler import DefaultExceptionHandler
from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkcore.http.http_client import HttpClient
from huaweicloudsdkcore.http.http_config import HttpConfig

from bot.cloud.signing import Key
from bot.domain.errors import Misconfigured
from bot.workflow.ports import Clock

LOOK_AGAIN = timedelta(minutes=1)
"""How often the SDK is asked whether a temporary key has to be renewed. It renews 40 minutes before the end."""
TRUSTED_FOR = timedelta(minutes=30)
"""How long a key is used further while the SDK cannot renew it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the chain found. `project_id` is None where the provider tells none."""

    key: Key
    project_id: str | None


class ProviderChain:
    """The SDK's providers, in the SDK's order but for pod identity, which here comes before the server's metadata: outside
    the vendor's servers the metadata provider fails in a way that ends the chain."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asking = asyncio.Lock()
        self._credentials: BasicCredentials | None = None
        self._http: HttpClient | None = None
        self._found: Found | None = None
        self._read_at: datetime | None = None
        self._good_at: datetime | None = None

    async def current(self) -> Found:
        """The credentials of this moment. Raises Misconfigured `cloud.credentials` where there are none."""
        async with self._asking:
            now = self._clock.now()
            if self._found is None or self._read_at is None or now - self._read_at >= LOOK_AGAIN:
                self._found = await self._ask(now)
                self._read_at = now
            return self._found

    async def _ask(self, now: datetime) -> Found:
        try:
            found = await asyncio.to_thread(self._read)
        # What the providers let through: requests' errors are OSErrors, the SDK's value errors ValueErrors.
        except (SdkException, OSError, ValueError, TypeError, KeyError, configparser.Error) as error:
            if self._found is not None and self._good_at is not None and now - self._good_at < TRUSTED_FOR:
                return self._found
            raise Misconfigured(
                "cloud.credentials",
                "The cloud SDK found no credentials: neither in the environment, nor in a profile file, nor from pod "
                "identity or the server's metadata. The operator must provide some.",
            ) from error
        self._good_at = now
        return found

    def _read(self) -> Found:
        """Blocks. Runs in a thread, one at a time."""
        if self._credentials is None:
            self._credentials = CredentialProviderChain(
                (
                    OidcStsCredentialProvider.get_basic(),
                    EnvCredentialProvider.get_basic(),
                    ProfileCredentialProvider.get_basic(),
                    PodIdentityCredentialProvider.get_basic(),
                    MetadataCredentialProvider.get_basic(),
                )
            ).get_credentials()
        if self._http is None:
            self._http = HttpClient(
                HttpConfig.get_default_config(), None, DefaultExceptionHandler(), logging.getLogger("huaweicloudsdkcore")
            )
        self._credentials.process_sts(self._http)
        key = Key(self._credentials.ak, self._credentials.sk, self._credentials.security_token)
        return Found(key, self._credentials.project_id)
