"""The hazards in French."""

from types import MappingProxyType

from broadcaster.domain.hazards.wording import Warned, Wording

_WARNINGS = {
    "storm": Warned(
        "Tempête",
        "Alerte tempête",
        "Une tempête approche de : {place}. Heure : {time}.",
        (
            "Consolidez votre maison et coupez les branches proches. Suivez les bulletins.",
            (
                "Consolidez votre maison et rentrez les animaux. Préparez de l’eau, des vivres et une lampe. "
                "Les bateaux rejoignent un abri."
            ),
            (
                "Mettez-vous à l’abri maintenant. Ne sortez pas par vent fort. "
                "Si votre maison est fragile, allez à la maison communautaire ou à l’école la plus proche."
            ),
        ),
    ),
    "flood": Warned(
        "Crue, inondation",
        "Alerte inondation",
        "L’eau monte à : {place}. Heure : {time}.",
        (
            (
                "Près des rivières, mettez vos biens et vos animaux en hauteur. "
                "Ne ramassez pas de bois et ne pêchez pas pendant la crue."
            ),
            (
                "Dans les zones basses, préparez-vous à partir. Mettez d’abord à l’abri les personnes âgées et les "
                "enfants. Ne traversez ni gué ni pont submergé."
            ),
            (
                "Quittez les zones basses maintenant, allez en hauteur. Coupez l’électricité avant de partir. "
                "Emportez papiers, médicaments et eau. Ne traversez pas un courant rapide."
            ),
        ),
    ),
    "flash_flood": Warned(
        "Crue soudaine, glissement",
        "Alerte crue soudaine et glissement de terrain",
        "Risque de crue soudaine et de glissement de terrain à : {place}. Heure : {time}.",
        (
            (
                "Éloignez-vous des rivières et des pentes raides. Surveillez l’eau et les fissures. "
                "Écoutez les annonces suivantes."
            ),
            (
                "Près des ruisseaux et au pied des pentes, préparez-vous à partir. Ne dormez pas dans les cabanes des "
                "champs. Ne traversez ni gué ni ruisseau."
            ),
            (
                "Près des ruisseaux et au pied des pentes, quittez votre maison maintenant. Montez, loin des pentes "
                "raides. Aidez d’abord les personnes âgées et les enfants. Ne revenez pas chercher vos affaires."
            ),
        ),
    ),
    "fire": Warned(
        "Incendie",
        "Alerte incendie",
        "Incendie à : {place}. Heure : {time}.",
        (
            "Éloignez-vous du feu. Laissez passer les pompiers.",
            "Si vous êtes à proximité, coupez l’électricité et le gaz, puis sortez. Laissez passer les pompiers.",
            (
                "Quittez la zone maintenant. Restez près du sol, un linge mouillé sur le nez. Ne revenez pas chercher "
                "vos affaires. Si quelqu’un est bloqué, appelez tout de suite le un un quatre."
            ),
        ),
    ),
    "heat": Warned(
        "Canicule",
        "Alerte canicule",
        "Forte chaleur à : {place}. Heure : {time}.",
        (
            "Buvez assez d’eau et couvrez-vous la tête. Travaillez moins aux champs de 11 à 15 heures.",
            (
                "Ne travaillez pas dehors de 10 à 16 heures. Buvez assez d’eau. "
                "Veillez sur les personnes âgées, les enfants et les malades."
            ),
            (
                "Restez à l’intérieur, au frais. Ne travaillez pas dehors. "
                "En cas de vertiges ou de fièvre, allez tout de suite au poste de santé."
            ),
        ),
    ),
    "forest_fire": Warned(
        "Feu de forêt",
        "Alerte feu de forêt",
        "Risque de feu de forêt à : {place}. Heure : {time}.",
        (
            "Ne brûlez pas les champs. N’enfumez pas les abeilles. Pas de feu dans la forêt.",
            (
                "Aucun feu dans la forêt ni à proximité. "
                "Si vous voyez de la fumée, prévenez tout de suite le chef du village ou un garde forestier."
            ),
            (
                "Quittez la forêt maintenant. Près de la forêt, éloignez les personnes et les animaux. "
                "Les équipes se rassemblent sur ordre de la commune."
            ),
        ),
    ),
    "dam_release": Warned(
        "Lâcher de barrage",
        "Lâcher d’eau du barrage",
        "Le barrage va lâcher de l’eau vers : {place}. Heure : {time}.",
        (
            "N’allez pas dans les rivières. Remontez bateaux, animaux et biens sur la rive.",
            "Près de la rivière, mettez personnes, animaux et biens en hauteur. N’allez pas dans les rivières.",
            (
                "Près de la rivière, allez en hauteur maintenant. Ne traversez ni gué ni pont submergé. "
                "Ne ramassez pas de bois et ne pêchez pas."
            ),
        ),
    ),
    "epidemic": Warned(
        "Épidémie",
        "Avis d’épidémie",
        "Épidémie de {what} à : {place}. Heure : {time}.",
        (
            "Gardez la maison propre et lavez-vous les mains au savon. En cas de signes, allez au poste de santé.",
            "Évitez les rassemblements. En cas de signes, restez chez vous et appelez le poste de santé.",
            (
                "Restez chez vous et ne sortez qu’en cas de nécessité. Suivez les consignes du poste de santé. "
                "Signalez tout de suite les cas graves."
            ),
        ),
    ),
    "missing_person": Warned(
        "Personne disparue",
        "Personne disparue",
        "Nous cherchons {what}. Vue pour la dernière fois à : {place}. Heure : {time}.",
        (
            "Si vous avez vu cette personne, prévenez tout de suite le chef du village ou la police.",
            (
                "Regardez autour de la maison, du jardin, de l’étang et des cabanes. "
                "Si vous avez vu cette personne, prévenez tout de suite le chef du village ou la police."
            ),
            (
                "Si vous pouvez chercher, venez maintenant à la maison communautaire. "
                "Si vous voyez cette personne, restez avec elle et prévenez tout de suite le chef du village."
            ),
        ),
    ),
    "all_clear": Warned(
        "Fin du danger",
        "Fin du danger",
        "La situation est de nouveau sûre à : {place}. Heure : {time}.",
        ("Reprenez vos activités. Si vous avez encore besoin d’aide, prévenez le chef du village.",) * 3,
    ),
}
FR = Wording(
    level="Risque de catastrophe : niveau {level}.",
    titled="{headline}, niveau {level}, {place}",
    plain_title="{headline}, {place}",
    warnings=MappingProxyType(_WARNINGS),
)
