# platforms: slack discord
# After the Authentik token, the canary is written again and must stand at ready.
mira on $P types /rotate credential authentik-api-token work=yes canary=canary/none confirmed-by=@kim evidence="403 since 09:12" ticket=SUP-121
expect mira on $P sees "By hand: The canary project first"
mira presses Cancel
mira types /rotate credential authentik-api-token work=yes canary=canary/canary confirmed-by=@kim evidence="403 since 09:12" ticket=SUP-121
expect mira on $P sees "Write the canary canary of canary again"
mira presses Ask for approval
sam on slack presses Review
sam presses Approve
sam submits reason="Kim showed it"
mira presses Done
mira presses Done
mira presses Done
mira presses Done
expect mira on $P sees "Write each project that was blocked again"
mira presses Done
mira presses Done
expect mira on $P sees "Done and confirmed"
expect mira on $P sees "seen: canary of canary was provisioned anew and is ready"
expect effects 1
