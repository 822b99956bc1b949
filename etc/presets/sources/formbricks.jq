# A response that has no score yet gives nothing; one that ends without the
# question is told.
# What is too long for a segment, or no text, is left out.
def segments: [to_entries[]
    | select((.key | utf8bytelength | . > 0 and . <= 128) and
             (.value | type == "string" and utf8bytelength <= 128))][:64]
    | from_entries;
select(.event | . == "responseCreated" or . == "responseUpdated"
       or . == "responseFinished")
| if .event == "responseFinished" and (.data.data | has("nps") | not) then
    error("no question of the survey has the id nps")
  else .data end
| select(.data.nps != null and .data.nps != "")
| (.contactAttributes // {}) as $contact
| {
    id: .id,
    revision: .updatedAt,
    score: (.data.nps | tonumber),
    comment: (.data.reason // .data.comment),
    answered_at: .createdAt,
    language: (.language | if . == "default" then null else . end),
    customer: {
      id: (.contact.userId // .contact.id),
      name: ([$contact.firstName, $contact.lastName | strings] | join(" ")
             | if . == "" then null else . end),
      email: $contact.email
    },
    segment: ($contact
      | del(.email, .userId, .language, .firstName, .lastName, .phone)
      | segments)
  }
