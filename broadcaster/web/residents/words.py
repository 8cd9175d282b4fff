"""What only residents are told, in the language of the page; the console's words are in its catalogues."""

from collections.abc import Mapping

PAGES: Mapping[str, Mapping[str, str]] = {
    "vi": {
        "emergency": "KHẨN CẤP",
        "priority": "ƯU TIÊN",
        "drill": "DIỄN TẬP",
        "test": "THỬ LOA",
        "withdrawn_now": "Thông báo này đã được thu hồi, đề nghị bà con không thực hiện theo.",
        "reason": "Lý do",
        "old": "Nội dung đã thu hồi",
        "listen": "Nghe lại",
        "recorded": "Thông báo này được thu âm, mời bà con bấm nghe.",
        "aired": "Phát trên loa",
        "history": "Quá trình",
        "approved": "Phê duyệt",
        "corrected": "Đính chính",
        "withdrawn": "Thu hồi",
        "correction": "Thông báo khẩn cấp này là phát nhầm. Bà con không phải làm theo.",
        "all_clear": "Tình huống khẩn cấp này đã kết thúc.",
    },
    "en": {
        "emergency": "EMERGENCY",
        "priority": "PRIORITY",
        "drill": "DRILL",
        "test": "LOUDSPEAKER TEST",
        "withdrawn_now": "This announcement has been withdrawn. Please do not act on it.",
        "reason": "Reason",
        "old": "What was withdrawn",
        "listen": "Listen again",
        "recorded": "This announcement was recorded; press play to hear it.",
        "aired": "On the loudspeakers",
        "history": "History",
        "approved": "Approved",
        "corrected": "Corrected",
        "withdrawn": "Withdrawn",
        "correction": "This emergency announcement was sent by mistake. Do not act on it.",
        "all_clear": "This emergency is over.",
    },
    "fr": {
        "emergency": "URGENCE",
        "priority": "PRIORITAIRE",
        "drill": "EXERCICE",
        "test": "ESSAI DES HAUT-PARLEURS",
        "withdrawn_now": "Cette annonce a été retirée. Merci de ne pas en tenir compte.",
        "reason": "Motif",
        "old": "Ce qui a été retiré",
        "listen": "Réécouter",
        "recorded": "Cette annonce a été enregistrée ; appuyez sur lecture pour l’entendre.",
        "aired": "Sur les haut-parleurs",
        "history": "Historique",
        "approved": "Approuvée",
        "corrected": "Corrigée",
        "withdrawn": "Retirée",
        "correction": "Cette annonce d’urgence a été diffusée par erreur. Ne suivez pas ses consignes.",
        "all_clear": "Cette urgence est terminée.",
    },
}

# Each part of what residents see brings its own.
_PARTS = (PAGES,)
WORDS: Mapping[str, Mapping[str, str]] = {
    language: {key: word for part in _PARTS for key, word in part[language].items()} for language in PAGES
}
