# Unsubscribed, bounced and other events give nothing, nor do other scales.
# What is too long for a segment, or no text, is left out.
def segments: [to_entries[]
    | select((.key | utf8bytelength | . > 0 and . <= 128) and
             (.value | type == "string" and utf8bytelength <= 128))][:64]
    | from_entries;
select(.event_type | . == "survey_response.created"
       or . == "survey_response.updated")
| .event_data
| select(.survey_type == "nps")
| (.person_properties // {}) as $properties
| {
    id: .id,
    revision: (.updated_at // .created_at),
    score: .score,
    comment: .comment,
    answered_at: (.created_at | from_epoch),
    language: $properties.locale,
    customer: {id: .person.id, name: .person.name, email: .person.email},
    account: {id: $properties.account, name: $properties.account},
    segment: ($properties | del(.locale, .account)
      | segments)
  }
