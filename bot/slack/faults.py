"""What a Web API call may raise besides SlackApiError: nobody answered."""

import aiohttp
from slack_sdk.errors import SlackClientError

NO_ANSWER = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError)
