# A person pastes a key on Slack: it is removed with the admin's token; channel, author and security hear of it.
kim on slack in support types the key is {{sk_live}} you know
expect channel support on slack sees "I removed a message here: it held a raw secret."
expect kim on slack sees "I removed your message: it held a raw secret."
expect kim on slack sees "it must be replaced"
expect channel security on slack sees "Leaked: project secret key"
expect channel security on discord sees "by Kim: removed."
# In a direct message it is a command too: that is refused, and its author is told to delete it.
kim on slack in dm types revoke-session {{whsec}}
expect kim on slack sees "This holds a raw secret"
expect kim on slack sees "Delete your message now: it holds a raw secret."
expect kim on slack sees "Slack lets nobody remove what others write in direct messages."
advance 6m
expect kim on slack sees "Your message is still there"
kim deletes revoke-session
expect kim on slack sees "Your message that held a raw secret is gone. Thank you."
expect stored nowhere "{{sk_live}}"
expect stored nowhere "{{whsec}}"
