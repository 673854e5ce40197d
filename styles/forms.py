"""The admin's form of a Style: its words, and a text that becomes a new version."""

from typing import TYPE_CHECKING, Any

from django import forms

from styles.document import NotADocumentError, parse, pretty
from styles.findings import Finding, errors
from styles.known import gather
from styles.models import Style
from styles.validation import check

if TYPE_CHECKING:  # Django's own class takes no parameter
    StyleModelForm = forms.ModelForm[Style]
else:
    StyleModelForm = forms.ModelForm

PUBLISH = "_publish"
SHOWN = 10
# The Style's own fields; the text and the note are of a version.
WORDS = {"name", "title", "description", "access"}
STARTER: dict[str, Any] = {
    "version": 8,
    "name": "",
    "glyphs": "/fonts/{fontstack}/{range}.pbf",
    "sprite": "/styles/new/sprite",
    "sources": {"world": {"type": "vector", "url": "/tiles/world.json"}},
    "layers": [
        {"id": "background", "type": "background", "paint": {"background-color": "#dfe7ea"}}
    ],
}


class StyleForm(StyleModelForm):
    """Refuses text that is no document; refuses to publish a document with errors."""

    text = forms.CharField(
        label="Document",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "class": "style-text"}),
        help_text="A MapLibre style. Our own tiles, glyphs and sprite have addresses that start "
        "with a slash: /tiles/world.json.",
    )
    note = forms.CharField(
        required=False, max_length=300, help_text="What this version changes, for the history."
    )

    class Meta:
        model = Style
        fields = ["name", "title", "description", "access"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = self.instance.newest if self.instance.pk else None
        for name in self.fields.keys() & WORDS:
            # What the page showed: another's change since then is none of this form's.
            self.fields[name].show_hidden_initial = True
        self.fields["text"].initial = newest.text if newest else pretty(STARTER)

    def clean_text(self) -> str:
        """The document's text, with plain line ends."""
        text = str(self.cleaned_data["text"]).replace("\r\n", "\n")
        try:
            parse(text)
        except NotADocumentError as fault:
            place = f"Line {fault.line}: " if fault.line else ""
            raise forms.ValidationError(f"{place}{fault.message}") from fault
        if PUBLISH in self.data:
            _refuse(errors(check(text, gather())))
        return text

    def changed_words(self) -> dict[str, Any]:
        """The Style's own fields that were changed on the page, and nothing else."""
        return {name: self.cleaned_data[name] for name in WORDS & set(self.changed_data)}


def _refuse(found: list[Finding]) -> None:
    """Raise a ValidationError with the first of the errors, if there are any."""
    if found:
        shown = [str(one) for one in found[:SHOWN]]
        more = [f"… and {len(found) - SHOWN} more."] if len(found) > SHOWN else []
        raise forms.ValidationError([*shown, *more])
