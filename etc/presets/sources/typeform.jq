# Other events, and a form whose question was passed over, give nothing.
# What is too long for a segment, or no text, is left out.
def segments: [to_entries[]
    | select((.key | utf8bytelength | . > 0 and . <= 128) and
             (.value | type == "string" and utf8bytelength <= 128))][:64]
    | from_entries;
select(.event_type == "form_response") | .form_response
| (.hidden // {}) as $hidden
| (.answers // []) as $answers
| def is_score: .ref == "nps" or .type == "nps";
  def answer(f): first($answers[] | select(.field | f)) // null;
  def text: .text // .email // .choice.label // null;
  answer(is_score) as $score
| if $score == null and ([.definition.fields[]? | select(is_score)] == []) then
    error("no question of the form has the reference nps")
  else . end
| select($score != null)
| {
    id: .token,
    score: $score.number,
    comment: (answer(.ref == "reason" or .ref == "comment")
              // answer(.type == "long_text") | if . then text else null end),
    answered_at: .submitted_at,
    customer: {
      id: $hidden.customer_id,
      name: $hidden.name,
      email: ((first($answers[] | select(.type == "email")) // null | .email)
              // $hidden.email)
    },
    account: {id: $hidden.account, owner: $hidden.owner},
    segment: ($hidden
      | del(.customer_id, .name, .email, .phone, .account, .owner)
      | segments)
  }
